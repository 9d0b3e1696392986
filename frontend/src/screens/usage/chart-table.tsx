import type { Metric } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { type Column, Table } from '../../ui/table'
import type { ChartData, Moment } from './chart-data'
import { type Interval, momentName } from './moment-name'
import { useFigureWords } from './use-usage-words'

interface ChartTableProps {
  data: ChartData
  metric: Metric
  interval: Interval
}

/** The chart's figures, the newest first. */
export function ChartTable({ data, metric, interval }: ChartTableProps) {
  const { t, i18n } = useTranslation('usage')
  const words = useFigureWords()
  const columns: Column<Moment>[] = [
    { id: 'at', header: t('column.time'), cell: (moment) => momentName(moment.at, interval, i18n.language) },
    ...data.series.map((one) => ({
      id: one.key,
      header: one.label,
      numeric: true,
      cell: (moment: Moment) => (one.key in moment.values ? words(metric, moment.values[one.key] ?? null) : ''),
    })),
  ]
  return (
    <div className="max-h-96 overflow-y-auto">
      <Table
        label={t(`chart.${metric}`)}
        columns={columns}
        rows={data.moments.toReversed()}
        rowKey={(moment) => moment.at}
      />
    </div>
  )
}
