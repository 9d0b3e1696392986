import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Pin } from 'lucide-react'
import { useMemo } from 'react'
import type { Conversation } from '../../api/conversation-types'
import { conversationQueries } from '../../api/conversations'
import { folderQueries } from '../../api/folders'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Failure } from '../../ui/failure'
import { SkeletonRows } from '../../ui/skeleton'
import { dateGroups, monthName } from '../conversations/date-groups'
import { ConversationRow } from './conversation-row'
import { FolderGroup } from './folder-group'
import { ListGroup } from './list-group'
import { NewFolder } from './new-folder'
import { useNewsOf } from './use-news'

const LIVE_MS = 3_000
const QUIET_MS = 30_000

/** Pinned ones, folders, then the rest by date. */
export function ChatList() {
  const { t } = useTranslation('sidebar')
  const list = useInfiniteQuery({
    ...conversationQueries.list({ archived: false }),
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some((one) => one.running.length > 0)) ? LIVE_MS : QUIET_MS,
  })
  const pinned = useInfiniteQuery(conversationQueries.list({ archived: false, pinned: true }))
  const folders = useQuery(folderQueries.list())
  const loaded = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const pinnedOnes = pinned.data?.pages.flatMap((page) => page.items) ?? []
  const unread = useNewsOf(loaded)
  const hasNothing = list.isSuccess && loaded.length === 0 && pinnedOnes.length === 0

  return (
    <nav aria-label={t('conversations')} className="min-h-0 grow overflow-y-auto px-2 pb-4">
      {list.isPending && <SkeletonRows label={t('loading')} rows={6} className="h-7" />}
      {list.isError && <Failure title={t('failed')} error={list.error} onRetry={() => void list.refetch()} />}
      {pinnedOnes.length > 0 && (
        <ListGroup title={t('pinned')} icon={<Pin aria-hidden="true" className="size-3" />}>
          <Rows conversations={pinnedOnes} unread={unread} />
        </ListGroup>
      )}
      {folders.data?.map((folder) => (
        <FolderGroup key={folder.id} folder={folder} />
      ))}
      <Dated conversations={loaded.filter((one) => !one.pinned && one.folder_id === null)} unread={unread} />
      {hasNothing && <p className="px-2.5 py-4 text-13 text-muted">{t('empty')}</p>}
      {list.hasNextPage && (
        <Button
          look="ghost"
          size="small"
          className="mt-2 w-full text-muted"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
      {!hasNothing && list.isSuccess && <NewFolder />}
    </nav>
  )
}

interface RowsProps {
  conversations: readonly Conversation[]
  unread: ReadonlySet<string>
}

function Rows({ conversations, unread }: RowsProps) {
  return conversations.map((one) => <ConversationRow key={one.id} conversation={one} isUnread={unread.has(one.id)} />)
}

function Dated({ conversations, unread }: RowsProps) {
  const { t, i18n } = useTranslation('sidebar')
  const names: Record<string, string> = {
    today: t('today'),
    yesterday: t('yesterday'),
    week: t('week'),
    month: t('month'),
  }
  return dateGroups(conversations, new Date()).map((group) => (
    <ListGroup key={group.key} title={names[group.key] ?? monthName(group.key, i18n.language)}>
      <Rows conversations={group.items} unread={unread} />
    </ListGroup>
  ))
}
