import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Group, type Period, usageQueries } from '../../api/usage'
import type { Grouping, Metric } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { Failure } from '../../ui/failure'
import { SkeletonRows } from '../../ui/skeleton'
import { type Column, type Sorting, Table } from '../../ui/table'
import { figureOf } from './chart-data'
import { useFigureWords, useGroupLabel } from './use-usage-words'

const FIGURES: readonly Metric[] = ['requests', 'tokens', 'cost', 'latency', 'errors']

/** The period's figures for each provider, model, key or user. */
export function Breakdown({ period, group }: { period: Period; group: Grouping }) {
  const { t } = useTranslation('usage')
  const words = useFigureWords()
  const label = useGroupLabel(group)
  const [sorting, setSorting] = useState<Sorting>({ column: 'requests', direction: 'descending' })
  const summary = useQuery(usageQueries.summary(period, group))
  const columns: Column<Group>[] = [
    {
      id: 'name',
      header: t(`by.${group}`),
      sortable: true,
      cell: (row) => <span className="font-medium">{label(row)}</span>,
    },
    ...FIGURES.map((metric) => ({
      id: metric,
      header: t(`figure.${metric}`),
      numeric: true,
      sortable: true,
      cell: (row: Group) => words(metric, figureOf(metric, row)),
    })),
  ]
  if (summary.isPending) return <SkeletonRows label={t('loading')} />
  if (summary.isError)
    return <Failure title={t('failed')} error={summary.error} onRetry={() => void summary.refetch()} />
  const rows = summary.data.groups.toSorted(
    (first, second) => (sorting.direction === 'ascending' ? 1 : -1) * compared(first, second, sorting.column),
  )
  return (
    <Table
      label={t('breakdown')}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.key}
      sorting={sorting}
      onSort={setSorting}
    />
  )
}

function compared(first: Group, second: Group, column: string): number {
  const metric = FIGURES.find((one) => one === column)
  if (metric === undefined) return first.label.localeCompare(second.label)
  return (figureOf(metric, first) ?? -1) - (figureOf(metric, second) ?? -1)
}
