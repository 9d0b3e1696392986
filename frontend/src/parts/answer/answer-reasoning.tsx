import { ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { duration } from '../../lib/format'
import { Elapsed } from '../../ui/elapsed'
import { Markdown } from '../../ui/markdown/markdown'

interface AnswerReasoningProps {
  text: string
  /** How long it thought; null where nobody measured it. */
  thoughtMs: number | null
  /** Since when it thinks; null once it is over. */
  thinkingSince: number | null
}

/** What the model thought, closed until somebody wants to read it. */
export function AnswerReasoning({ text, thoughtMs, thinkingSince }: AnswerReasoningProps) {
  const { t, i18n } = useTranslation('answer')
  const [open, setOpen] = useState(false)
  const panel = useId()
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => setOpen(!open)}
        className="target -ml-1.5 inline-flex items-center gap-1 rounded-control px-1.5 text-14 text-muted hover:bg-surface-2 hover:text-text"
      >
        <ChevronRight
          aria-hidden="true"
          className={cn('size-4 transition-transform duration-100', open && 'rotate-90')}
        />
        {thinkingSince !== null ? (
          <span className="animate-pulse">
            {t('thinking')} <Elapsed since={thinkingSince} />
          </span>
        ) : thoughtMs === null ? (
          t('thought')
        ) : (
          t('thoughtFor', { time: duration(roundedMs(thoughtMs), i18n.language) })
        )}
      </button>
      {open && (
        <div id={panel} className="mt-1 mb-2 border-line border-l-2 pl-4 text-14 text-muted">
          <Markdown text={text} streaming={thinkingSince !== null} />
        </div>
      )}
    </div>
  )
}

/** Whole seconds from one on: nobody thinks in hundredths. */
function roundedMs(ms: number): number {
  return ms < 1000 ? ms : Math.round(ms / 1000) * 1000
}
