import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { providerQueries } from '../../api/providers'
import { isAdmin, useMe } from '../../api/session'
import { type Period, usageQueries } from '../../api/usage'
import { GROUPINGS, type Grouping, METRICS, type Metric, type UsageSearch } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { cableColour } from '../../ui/cable'
import { Failure } from '../../ui/failure'
import { Section } from '../../ui/page'
import { Segmented } from '../../ui/segmented'
import { Select } from '../../ui/select'
import { Skeleton } from '../../ui/skeleton'
import { type ChartData, chartData } from './chart-data'
import { ChartTable } from './chart-table'
import { Plot } from './plot'
import { useGroupLabel } from './use-usage-words'

interface UsageChartProps {
  period: Period
  search: UsageSearch
  onChange: (search: UsageSearch) => void
}

/** One figure over time, by whom or what. */
export function UsageChart({ period, search, onChange }: UsageChartProps) {
  const { t } = useTranslation('usage')
  const group = search.group ?? 'provider'
  const metric = search.metric ?? 'requests'
  const [isTable, setIsTable] = useState(false)
  const series = useQuery(usageQueries.series(period, group))
  const data = useNamed(series.data && chartData(series.data.series, metric), group)
  const colours = useColours(group, data)
  return (
    <Section
      title={t(`chart.${metric}`)}
      actions={
        <Button size="small" look="ghost" onClick={() => setIsTable(!isTable)}>
          {isTable ? t('asChart') : t('asTable')}
        </Button>
      }
    >
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Segmented<Metric>
          label={t('metric')}
          value={metric}
          onChange={(next) => onChange({ ...search, metric: next })}
          options={METRICS.map((one) => ({ value: one, label: t(`metrics.${one}`) }))}
        />
        <GroupPicker group={group} onChange={(next) => onChange({ ...search, group: next })} />
      </div>
      {series.isPending && <Skeleton className="h-72" />}
      {series.isError && <Failure title={t('failed')} error={series.error} onRetry={() => void series.refetch()} />}
      {data && data.series.length === 0 && <p className="py-16 text-center text-muted">{t('nothing')}</p>}
      {data && data.series.length > 0 && series.data && (
        <>
          {isTable ? (
            <ChartTable data={data} metric={metric} interval={series.data.interval} />
          ) : (
            <Plot data={data} metric={metric} interval={series.data.interval} colours={colours} />
          )}
          {metric === 'latency' && <p className="text-13 text-muted">{t('latencyHint')}</p>}
        </>
      )}
    </Section>
  )
}

function GroupPicker({ group, onChange }: { group: Grouping; onChange: (group: Grouping) => void }) {
  const { t } = useTranslation('usage')
  const me = useMe()
  const offered = isAdmin(me) ? GROUPINGS : GROUPINGS.filter((one) => one !== 'user')
  return (
    <Select
      aria-label={t('groupBy')}
      className="w-44"
      value={group}
      onChange={onChange}
      options={offered.map((one) => ({ value: one, label: t(`by.${one}`) }))}
    />
  )
}

function useNamed(data: ChartData | undefined, group: Grouping): ChartData | undefined {
  const label = useGroupLabel(group)
  return data && { ...data, series: data.series.map((one) => ({ ...one, label: label(one) })) }
}

/** A provider's series have its cable's colour; others take the cables in order. */
function useColours(group: Grouping, data: ChartData | undefined): Record<string, string> {
  const { data: providers } = useQuery(providerQueries.list())
  const colours: Record<string, string> = {}
  data?.series.forEach((one, place) => {
    const provider = providers?.find((other) => other.slug === one.key)
    colours[one.key] = group === 'provider' && provider ? cableColour(provider.cable) : cableColour((place % 8) + 1)
  })
  return colours
}
