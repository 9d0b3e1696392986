import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { usageQueries } from '../../api/usage'
import { useTranslation } from '../../i18n/use-translation'
import { compactNumber, duration } from '../../lib/format'

const HOUR_MS = 60 * 60 * 1000
const EVERY_MS = 10_000

/** The last hour in four figures. */
export function LastHour() {
  const { t, i18n } = useTranslation('health')
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  const period = { from: new Date(now - HOUR_MS).toISOString(), to: new Date(now).toISOString() }
  const { data } = useQuery(usageQueries.summary(period))
  const share =
    data && data.requests > 0
      ? new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 1 }).format(
          data.failed_requests / data.requests,
        )
      : '–'
  const p95 = data?.first_token_ms.p95 ?? null
  const figures = [
    [t('hour.requests'), data ? compactNumber(data.requests, i18n.language) : '–'],
    [t('hour.failed'), share],
    [t('hour.firstToken'), p95 === null ? '–' : duration(Math.round(p95), i18n.language)],
    [t('hour.tokens'), data ? compactNumber(data.total_tokens, i18n.language) : '–'],
  ] as const
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4" aria-label={t('hour.title')}>
      {figures.map(([name, value]) => (
        <div key={name} className="grid gap-1 rounded-card border border-line bg-surface-1 p-4">
          <dt className="text-13 text-muted">{name}</dt>
          <dd className="font-semibold text-20 tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
