import { useInfiniteQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { userQueries } from '../../api/users'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { SkeletonRows } from '../../ui/skeleton'
import { type OneTime, PasswordShown } from './password-shown'
import { UserForm } from './user-form'
import { UserTable } from './user-table'

/** Who may sign in. There is always at least one: whoever reads this. */
export function UsersScreen() {
  const { t } = useTranslation('users')
  const users = useInfiniteQuery(userQueries.list())
  const [isMaking, setIsMaking] = useState(false)
  const [oneTime, setOneTime] = useState<OneTime | null>(null)
  const rows = users.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page
      title={t('title')}
      description={t('description')}
      actions={
        <Button look="primary" onClick={() => setIsMaking(true)}>
          <Plus aria-hidden="true" className="size-4" />
          {t('create')}
        </Button>
      }
    >
      {users.isPending && <SkeletonRows label={t('loading')} />}
      {users.isError && <Failure title={t('failed')} error={users.error} onRetry={() => void users.refetch()} />}
      {rows.length > 0 && <UserTable users={rows} onOneTime={setOneTime} />}
      {users.hasNextPage && (
        <Button
          className="justify-self-center"
          busy={users.isFetchingNextPage}
          onClick={() => void users.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
      <UserForm open={isMaking} onOpenChange={setIsMaking} onOneTime={setOneTime} />
      <PasswordShown oneTime={oneTime} onClose={() => setOneTime(null)} />
    </Page>
  )
}
