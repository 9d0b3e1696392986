import type { SentAttempt } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { duration } from '../../lib/format'
import { cableBackground } from '../../ui/cable'
import { type AttemptBar, attemptBars } from './attempt-bars'
import { useSource } from './use-source'

/** Who was asked when, how long the first token took and how long the rest. */
export function AttemptTimeline({ attempts }: { attempts: readonly SentAttempt[] }) {
  const { bars } = attemptBars(attempts)
  return (
    <ol className="grid gap-4">
      {bars.map((bar) => (
        <AttemptRow key={bar.attempt.attempt} bar={bar} />
      ))}
    </ol>
  )
}

function AttemptRow({ bar }: { bar: AttemptBar }) {
  const { t, i18n } = useTranslation('answer')
  const { attempt } = bar
  const source = useSource(`${attempt.provider}/${attempt.model}`, attempt.provider)
  const time = (ms: number) => duration(ms, i18n.language)
  return (
    <li className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3 text-14">
        <span className="min-w-0 truncate">
          <span className="font-medium">{source.modelName}</span>{' '}
          <span className="text-muted">{source.providerName ?? attempt.provider}</span>
        </span>
        <span className={cn('shrink-0 tabular-nums', attempt.outcome === 'ok' ? 'text-muted' : 'text-bad')}>
          {attempt.outcome === 'ok' ? time(attempt.total_ms) : `${attempt.outcome} · ${time(attempt.total_ms)}`}
        </span>
      </div>
      <div aria-hidden="true" className="flex h-2 overflow-hidden rounded-full bg-surface-2">
        <span style={{ width: percent(bar.start) }} />
        <span className={cn('opacity-40', cableBackground(source.cable))} style={{ width: percent(bar.waiting) }} />
        <span className={cableBackground(source.cable)} style={{ width: percent(bar.writing) }} />
      </div>
      <p className="text-12 text-muted tabular-nums">
        {attempt.first_token_ms === null
          ? t('details.noToken')
          : t('details.split', {
              first: time(attempt.first_token_ms),
              rest: time(attempt.total_ms - attempt.first_token_ms),
            })}
      </p>
      {attempt.problem !== null && <p className="wrap-anywhere text-13 text-muted">{attempt.problem}</p>}
    </li>
  )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`
}
