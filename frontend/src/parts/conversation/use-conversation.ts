import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Message } from '../../api/conversation-types'
import { conversationQueries } from '../../api/conversations'
import { isBehind } from './is-behind'

const NONE: readonly Message[] = []

/** A conversation with all its messages; looks for what other tabs and finished answers added. */
export function useConversation(id: string) {
  const client = useQueryClient()
  const conversation = useQuery(conversationQueries.detail(id))
  const messages = useQuery(conversationQueries.messages(id))
  const { data: known, dataUpdatedAt: seenAt } = conversation
  const { data: loaded, dataUpdatedAt: loadedAt, isFetching } = messages

  useEffect(() => {
    if (known === undefined || loaded === undefined || isFetching || loadedAt >= seenAt) return
    if (isBehind(known, loaded)) void client.refetchQueries({ queryKey: conversationQueries.messages(id).queryKey })
  }, [client, id, known, loaded, isFetching, loadedAt, seenAt])

  return { conversation, messages, all: loaded ?? NONE }
}
