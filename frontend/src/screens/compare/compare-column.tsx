import type { ReactNode } from 'react'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { type AnswerActs, CompareAnswer } from './compare-answer'
import { CompareHead } from './compare-head'
import { CompareQuestion } from './compare-question'
import { StopAnswer } from './stop-answer'
import type { Column, Turn } from './turns'
import { useFollowing } from './use-following'

export interface ColumnsProps {
  columns: readonly Column[]
  turns: readonly Turn[]
  live: LiveAnswers
  acts: AnswerActs
  onModel: (column: number, model: string) => void
  /** Absent where columns have to stay. */
  onRemove?: ((column: number) => void) | undefined
  /** Instead of turns, before there are any. */
  empty: ReactNode
}

interface CompareColumnProps extends Omit<ColumnsProps, 'columns' | 'empty'> {
  column: Column
  index: number
  /** Below the turns. */
  children?: ReactNode
}

/** One model with its side of the conversation; it scrolls, and follows its answer, by itself. */
export function CompareColumn({ column, index, turns, live, acts, onModel, onRemove, children }: CompareColumnProps) {
  const follow = useFollowing()
  const newest = turns.at(-1)?.answers[index]
  return (
    <>
      <CompareHead
        model={column.model}
        onModel={(model) => onModel(index, model)}
        onRemove={onRemove && (() => onRemove(index))}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with keys */}
      <div ref={follow} tabIndex={0} className="min-h-0 grow overflow-y-auto overscroll-y-contain -outline-offset-2">
        <div className="mx-auto flex min-h-full max-w-chat flex-col gap-4 px-4 py-3">
          {turns.map((turn) => (
            <div key={turn.key} className="grid gap-2">
              <CompareQuestion message={turn.question} />
              {turn.answers[index] && (
                <CompareAnswer
                  message={turn.answers[index]}
                  column={index}
                  columnModel={column.model}
                  isLast={turn === turns.at(-1)}
                  live={live}
                  acts={acts}
                />
              )}
            </div>
          ))}
          {children}
          {newest && <StopAnswer answer={newest} live={live} onStop={acts.stop} />}
        </div>
      </div>
    </>
  )
}
