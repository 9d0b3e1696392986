import { useInfiniteQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { useState } from 'react'
import { auditQueries, OBJECT_TYPES, type ObjectType } from '../../api/audit'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { Select } from '../../ui/select'
import { SkeletonRows } from '../../ui/skeleton'
import { AuditRow } from './audit-row'

/** Every change of the configuration, the newest first. */
export function AuditScreen() {
  const { t } = useTranslation('audit')
  const [type, setType] = useState<ObjectType>('all')
  const log = useInfiniteQuery(auditQueries.list({ object_type: type }))
  const entries = log.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page
      title={t('title')}
      description={t('description')}
      actions={
        <Select
          aria-label={t('filter')}
          className="w-48"
          value={type}
          onChange={setType}
          options={OBJECT_TYPES.map((one) => ({ value: one, label: t(`types.${one}`) }))}
        />
      }
    >
      {log.isPending && <SkeletonRows label={t('loading')} rows={8} />}
      {log.isError && <Failure title={t('failed')} error={log.error} onRetry={() => void log.refetch()} />}
      {log.isSuccess && entries.length === 0 && (
        <Empty icon={<ScrollText />} title={t('empty.title')}>
          {t('empty.text')}
        </Empty>
      )}
      {entries.length > 0 && (
        <ol className="grid rounded-card border border-line bg-surface-1">
          {entries.map((entry) => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {log.hasNextPage && (
        <Button className="justify-self-center" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </Page>
  )
}
