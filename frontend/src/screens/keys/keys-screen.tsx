import { useInfiniteQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { keyQueries, type NewKey } from '../../api/keys'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { SkeletonRows } from '../../ui/skeleton'
import { KeyForm } from './key-form'
import { KeyShown } from './key-shown'
import { KeyTable } from './key-table'

/** Keys of programs. A key is seen once, right after it was made. */
export function KeysScreen() {
  const { t } = useTranslation('keys')
  const me = useMe()
  const keys = useInfiniteQuery(keyQueries.list())
  const [isMaking, setIsMaking] = useState(false)
  const [made, setMade] = useState<NewKey | null>(null)
  const rows = keys.data?.pages.flatMap((page) => page.items) ?? []
  const create = (
    <Button look="primary" onClick={() => setIsMaking(true)}>
      <Plus aria-hidden="true" className="size-4" />
      {t('create')}
    </Button>
  )
  return (
    <Page title={t('title')} description={t('description')} actions={rows.length > 0 && create}>
      {keys.isPending && <SkeletonRows label={t('loading')} />}
      {keys.isError && <Failure title={t('failed')} error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isSuccess && rows.length === 0 && (
        <Empty icon={<KeyRound />} title={t('empty.title')} action={create}>
          {t('empty.text')}
        </Empty>
      )}
      {rows.length > 0 && <KeyTable keys={rows} showsOwner={isAdmin(me)} onRotated={setMade} />}
      {keys.hasNextPage && (
        <Button
          className="justify-self-center"
          busy={keys.isFetchingNextPage}
          onClick={() => void keys.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
      <KeyForm
        open={isMaking}
        onOpenChange={setIsMaking}
        onMade={(key) => {
          setIsMaking(false)
          setMade(key)
        }}
      />
      <KeyShown made={made} onClose={() => setMade(null)} />
    </Page>
  )
}
