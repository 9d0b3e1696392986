import { useQuery } from '@tanstack/react-query'
import { TrendingDown, TrendingUp } from 'lucide-react'
import { type Figures, type Period, usageQueries } from '../../api/usage'
import type { Metric } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { Skeleton } from '../../ui/skeleton'
import { figureOf } from './chart-data'
import { change, periodBefore } from './period'
import { useFigureWords } from './use-usage-words'

/** Above this a percentage says nothing more. */
const MANY = 9

const SHOWN: readonly Metric[] = ['requests', 'tokens', 'cost', 'latency']

export function FourFigures({ period }: { period: Period }) {
  const now = useQuery(usageQueries.summary(period))
  const before = useQuery(usageQueries.summary(periodBefore(period)))
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {SHOWN.map((metric) => (
        <Figure key={metric} metric={metric} now={now.data} before={before.data} />
      ))}
    </dl>
  )
}

interface FigureProps {
  metric: Metric
  now: Figures | undefined
  before: Figures | undefined
}

function Figure({ metric, now, before }: FigureProps) {
  const { t } = useTranslation('usage')
  const words = useFigureWords()
  return (
    <div className="grid content-start gap-1 rounded-card border border-line bg-surface-1 p-4">
      <dt className="text-13 text-muted">{t(`figure.${metric}`)}</dt>
      {now ? (
        <dd className="font-semibold text-20 tabular-nums">{words(metric, figureOf(metric, now))}</dd>
      ) : (
        <dd>
          <Skeleton className="h-7 w-24" />
        </dd>
      )}
      {now && before && <Change metric={metric} now={figureOf(metric, now)} before={figureOf(metric, before)} />}
      {metric === 'cost' && now && now.unpriced_attempts > 0 && (
        <dd className="text-12 text-muted">{t('unpriced', { count: now.unpriced_attempts })}</dd>
      )}
    </div>
  )
}

function Change({ metric, now, before }: { metric: Metric; now: number | null; before: number | null }) {
  const { t, i18n } = useTranslation('usage')
  const share = change(now, before)
  if (share === null) return <dd className="text-12 text-muted">{t('noBefore')}</dd>
  const percent = new Intl.NumberFormat(i18n.language, {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  }).format(share)
  // Slower is the one change that is good for nobody.
  const tone = metric !== 'latency' || Math.abs(share) < 0.05 ? 'text-muted' : share > 0 ? 'text-bad' : 'text-ok'
  const Icon = share < 0 ? TrendingDown : TrendingUp
  return (
    <dd className={`flex items-center gap-1 text-12 tabular-nums ${tone}`}>
      <Icon aria-hidden="true" className="size-3.5" />
      {share > MANY ? t('manyTimes') : t('changed', { percent })}
    </dd>
  )
}
