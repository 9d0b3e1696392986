import { type UIEvent, useId, useRef, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { useSource } from '../../parts/answer/use-source'
import { CableDot } from '../../ui/cable-dot'
import { type ColumnsProps, CompareColumn } from './compare-column'
import { CompareTable } from './compare-table'

/** On a phone: one column at a time, the next one a swipe or a tab away. */
export function CompareTabs({ columns, empty, ...shared }: ColumnsProps) {
  const { t } = useTranslation('compare')
  const id = useId()
  const [shown, setShown] = useState(0)
  const strip = useRef<HTMLDivElement>(null)
  const last = shared.turns.at(-1)
  const show = (index: number) => {
    setShown(index)
    strip.current?.scrollTo({ left: index * strip.current.clientWidth, behavior: 'smooth' })
  }
  const onScroll = ({ currentTarget: box }: UIEvent<HTMLDivElement>) => {
    setShown(Math.min(columns.length - 1, Math.round(box.scrollLeft / box.clientWidth)))
  }
  return (
    <>
      <div role="tablist" aria-label={t('columns')} className="flex shrink-0 border-line border-b">
        {columns.map((column, index) => (
          <ColumnTab
            // biome-ignore lint/suspicious/noArrayIndexKey: columns stay in their places, and two may have the same model
            key={index}
            model={column.model}
            isShown={index === shown}
            panelId={`${id}-${index}`}
            onShow={() => show(index)}
            onStep={(step) => show(Math.min(columns.length - 1, Math.max(0, index + step)))}
          />
        ))}
      </div>
      <div
        ref={strip}
        onScroll={onScroll}
        className="relative flex min-h-0 grow snap-x snap-mandatory overflow-x-auto overscroll-x-contain [scrollbar-width:none]"
      >
        {columns.map((column, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            key={index}
            id={`${id}-${index}`}
            role="tabpanel"
            aria-label={column.model}
            inert={index !== shown}
            className="flex w-full shrink-0 snap-start snap-always flex-col"
          >
            <CompareColumn {...shared} column={column} index={index}>
              {last === undefined ? (
                empty
              ) : (
                <div className="-mx-2 mt-auto border-line border-t pt-1">
                  <CompareTable columns={columns} answers={last.answers} live={shared.live} />
                </div>
              )}
            </CompareColumn>
          </div>
        ))}
      </div>
    </>
  )
}

interface ColumnTabProps {
  model: string
  isShown: boolean
  panelId: string
  onShow: () => void
  onStep: (step: 1 | -1) => void
}

function ColumnTab({ model, isShown, panelId, onShow, onStep }: ColumnTabProps) {
  const source = useSource(model, null)
  return (
    <button
      type="button"
      role="tab"
      aria-selected={isShown}
      aria-controls={panelId}
      tabIndex={isShown ? 0 : -1}
      onClick={onShow}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : null
        if (step === null) return
        const next = step === 1 ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling
        if (next instanceof HTMLElement) next.focus()
        onStep(step)
      }}
      className={cn(
        'target flex min-w-0 flex-1 items-center justify-center gap-2 border-transparent border-b-2 px-2 text-13',
        isShown ? 'border-accent font-medium' : 'text-muted',
      )}
    >
      <CableDot cable={source.cable} />
      <span className="truncate">{source.modelName}</span>
    </button>
  )
}
