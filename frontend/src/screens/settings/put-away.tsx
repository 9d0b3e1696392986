import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Conversation } from '../../api/conversation-types'
import {
  changeConversation,
  conversationQueries,
  deleteConversation,
  restoreConversation,
} from '../../api/conversations'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Confirm } from '../../ui/confirm'
import { Failure } from '../../ui/failure'
import { Section } from '../../ui/page'
import { RelativeTime } from '../../ui/relative-time'
import { SkeletonRows } from '../../ui/skeleton'

type Kind = 'archived' | 'deleted'

/** Conversations out of sight: archived ones, or those that can be restored for 30 days. */
export function PutAway({ kind }: { kind: Kind }) {
  const { t } = useTranslation('settings')
  const list = useInfiniteQuery(conversationQueries.list(kind === 'archived' ? { archived: true } : { deleted: true }))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Section title={t(`${kind}.title`)} description={t(`${kind}.text`)}>
      {list.isPending && <SkeletonRows label={t('loading')} rows={2} />}
      {list.isError && <Failure title={t('failed')} error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <p className="text-13 text-muted">{t(`${kind}.none`)}</p>}
      <ul className="grid empty:hidden">
        {rows.map((conversation) => (
          <PutAwayRow key={conversation.id} kind={kind} conversation={conversation} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          size="small"
          className="justify-self-start"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
    </Section>
  )
}

function PutAwayRow({ kind, conversation }: { kind: Kind; conversation: Conversation }) {
  const { t } = useTranslation(['settings', 'conversations'])
  const queries = useQueryClient()
  const [isAsking, setIsAsking] = useState(false)
  const settled = { onSettled: () => void queries.invalidateQueries({ queryKey: conversationQueries.all() }) }
  const back = useMutation({
    mutationFn: () =>
      kind === 'archived'
        ? changeConversation(conversation.id, { archived: false })
        : restoreConversation(conversation.id),
    ...settled,
  })
  const remove = useMutation({
    mutationFn: () => deleteConversation(conversation.id, { permanent: true }),
    // The reason stands in the row, behind the question.
    onError: () => setIsAsking(false),
    ...settled,
  })
  const title = conversation.title || t('conversations:untitled')
  const error = back.error ?? remove.error
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 border-line border-b py-1 last:border-0">
      {kind === 'archived' ? (
        <Link
          to="/c/$conversationId"
          params={{ conversationId: conversation.id }}
          className="min-w-0 grow truncate rounded-control hover:underline"
        >
          {title}
        </Link>
      ) : (
        <span className="min-w-0 grow truncate">{title}</span>
      )}
      <RelativeTime at={conversation.deleted_at ?? conversation.updated_at} className="text-13 text-muted" />
      <Button size="small" busy={back.isPending} onClick={() => back.mutate()}>
        {t(`settings:${kind}.back`)}
      </Button>
      {kind === 'deleted' && (
        <Button size="small" look="danger" onClick={() => setIsAsking(true)}>
          {t('settings:deleted.forever')}
        </Button>
      )}
      {error && (
        <p role="alert" className="w-full text-13 text-bad">
          {error.message}
        </p>
      )}
      <Confirm
        open={isAsking}
        onOpenChange={setIsAsking}
        title={t('settings:deleted.sure', { title })}
        description={t('settings:deleted.sureText')}
        action={t('settings:deleted.forever')}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </li>
  )
}
