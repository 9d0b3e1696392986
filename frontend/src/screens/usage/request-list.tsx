import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Period, type UsageRecord, usageQueries } from '../../api/usage'
import { useTranslation } from '../../i18n/use-translation'
import { compactNumber, duration, money } from '../../lib/format'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { Section } from '../../ui/page'
import { RelativeTime } from '../../ui/relative-time'
import { SkeletonRows } from '../../ui/skeleton'
import { type Column, Table } from '../../ui/table'
import { RequestDetail } from './request-detail'

/** The newest attempts, one row each. */
export function RequestList({ period }: { period: Period }) {
  const { t, i18n } = useTranslation('usage')
  const [shown, setShown] = useState<UsageRecord | null>(null)
  const list = useInfiniteQuery(usageQueries.requests(period))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const columns: Column<UsageRecord>[] = [
    {
      id: 'at',
      header: t('column.time'),
      cell: (row) => <RelativeTime at={row.started_at} className="whitespace-nowrap" />,
    },
    { id: 'model', header: t('column.model'), cell: (row) => <ModelButton row={row} onShow={() => setShown(row)} /> },
    { id: 'outcome', header: t('column.outcome'), cell: (row) => <Outcome code={row.outcome} /> },
    {
      id: 'tokens',
      header: t('figure.tokens'),
      numeric: true,
      cell: (row) => compactNumber(row.total_tokens, i18n.language),
    },
    {
      id: 'time',
      header: t('column.took'),
      numeric: true,
      cell: (row) => duration(Math.round(row.total_ms), i18n.language),
    },
    {
      id: 'cost',
      header: t('figure.cost'),
      numeric: true,
      cell: (row) => (row.cost_usd === null ? t('unknown') : money(row.cost_usd, i18n.language)),
    },
  ]
  return (
    <Section title={t('requests')}>
      {list.isPending && <SkeletonRows label={t('loading')} />}
      {list.isError && <Failure title={t('failed')} error={list.error} onRetry={() => void list.refetch()} />}
      {rows.length > 0 && <Table label={t('requests')} columns={columns} rows={rows} rowKey={(row) => row.id} />}
      {list.hasNextPage && (
        <Button
          className="justify-self-center"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
      <RequestDetail record={shown} onClose={() => setShown(null)} />
    </Section>
  )
}

function ModelButton({ row, onShow }: { row: UsageRecord; onShow: () => void }) {
  return (
    <button
      type="button"
      onClick={onShow}
      className="grid min-h-9 content-center rounded-control text-left hover:underline"
    >
      <span className="font-medium">{row.model || row.model_asked}</span>
      <span className="text-12 text-muted">{row.provider}</span>
    </button>
  )
}

export function Outcome({ code }: { code: string }) {
  const { t } = useTranslation('usage')
  if (code === 'ok') return <Badge tone="ok">{t('outcome.ok')}</Badge>
  if (code === 'stopped') return <Badge>{t('outcome.stopped')}</Badge>
  if (code === 'client_left') return <Badge>{t('outcome.left')}</Badge>
  return <Badge tone="bad">{code}</Badge>
}
