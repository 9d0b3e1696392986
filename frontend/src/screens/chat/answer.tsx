import { memo } from 'react'
import type { Message } from '../../api/conversation-types'
import { cn } from '../../lib/cn'
import { AnswerBody } from '../../parts/answer/answer-body'
import { AnswerEnd } from '../../parts/answer/answer-end'
import { AnswerFigures } from '../../parts/answer/answer-figures'
import { AnswerName } from '../../parts/answer/answer-name'
import { AnswerProblem } from '../../parts/answer/answer-problem'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { useLiveAnswer } from '../../parts/answer/use-live-answer'
import { AnswerActions } from './answer-actions'
import { BranchPicker } from './branch-picker'
import type { MessageActs } from './message-acts'

interface AnswerProps {
  message: Message
  live: LiveAnswers
  /** Its figures and actions are always in sight. */
  isLast: boolean
  number: number
  count: number
  acts: MessageActs
  mayTest: boolean
}

/** The whole width of the column: who answered, what, and below it what it took and what can be done. */
export const Answer = memo(function Answer({
  message: known,
  live,
  isLast,
  number,
  count,
  acts,
  mayTest,
}: AnswerProps) {
  const running = useLiveAnswer(live, known.id)
  const message = running?.message ?? known
  const isStreaming = message.status === 'streaming'
  const slug = message.error?.provider ?? message.provider
  return (
    <div className="group grid gap-1 pt-1 pb-4">
      <AnswerName message={message} />
      <AnswerBody message={message} live={running} />
      {message.status === 'failed' && message.error !== null && (
        <AnswerProblem
          message={message}
          error={message.error}
          onRetry={() => acts.regenerate(known)}
          onOtherModel={(model) => acts.regenerate(known, model)}
          onTestProvider={mayTest && slug !== null ? () => acts.testProvider(slug) : null}
        />
      )}
      <AnswerEnd
        message={message}
        onRetry={() => acts.regenerate(known)}
        onContinue={isLast ? () => acts.proceed() : null}
      />
      {/* The room is kept while it streams, so that nothing moves when it ends. */}
      <footer
        className={cn(
          'flex min-h-9 flex-wrap items-center gap-x-2 pointer-coarse:min-h-11',
          !isLast &&
            'opacity-0 transition-opacity duration-100 focus-within:opacity-100 group-hover:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-100',
        )}
      >
        {!isStreaming && (
          <>
            <BranchPicker number={number} count={count} onStep={(step) => acts.switchBranch(known, step)} />
            {message.status !== 'failed' && <AnswerFigures message={message} onOpen={() => acts.openDetails(known)} />}
            <AnswerActions message={message} acts={acts} />
          </>
        )}
      </footer>
    </div>
  )
})
