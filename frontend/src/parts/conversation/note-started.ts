import type { QueryClient } from '@tanstack/react-query'
import { conversationQueries, noteConversation, noteMessages } from '../../api/conversations'
import type { Started } from '../../api/generations'

/** Caches what the gateway stored when an answer was begun. */
export function noteStarted(client: QueryClient, started: Started): void {
  const { conversation } = started
  const questions = started.messages ?? [started.message]
  noteMessages(client, conversation.id, [...questions, ...started.answers])
  client.setQueryData(conversationQueries.detail(conversation.id).queryKey, conversation)
  noteConversation(client, conversation.id, conversation)
  void client.invalidateQueries({ queryKey: conversationQueries.lists() })
}
