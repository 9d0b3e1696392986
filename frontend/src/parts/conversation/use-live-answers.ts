import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useLayoutEffect, useState } from 'react'
import type { Message } from '../../api/conversation-types'
import { conversationQueries, noteMessages, oneMessage } from '../../api/conversations'
import { eventsOf } from '../../api/generations'
import { LiveAnswers } from '../answer/live-answers'

/** Follows every answer of a conversation that is being written, wherever it was asked for. */
export function useLiveAnswers(messages: readonly Message[]): LiveAnswers {
  const client = useQueryClient()
  const [answers] = useState(() => new LiveAnswers({ open: eventsOf, onEnd: (message) => settled(client, message) }))
  useLayoutEffect(() => {
    for (const message of messages) {
      if (message.status !== 'streaming') answers.forget(message.id)
      else answers.follow(message, Math.min(Date.now(), Date.parse(message.created_at)))
    }
  }, [answers, messages])
  useEffect(() => () => answers.leave(), [answers])
  return answers
}

/** Caches the whole message with its figures; what this page heard of it, when the gateway cannot be asked. */
async function settled(client: QueryClient, heard: Message): Promise<void> {
  const id = heard.conversation_id
  const message = await oneMessage(id, heard.id).catch(() => heard)
  noteMessages(client, id, [message])
  void client.invalidateQueries({ queryKey: conversationQueries.detail(id).queryKey })
  void client.invalidateQueries({ queryKey: conversationQueries.lists() })
}
