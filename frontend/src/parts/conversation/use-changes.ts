import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import type { ConversationChanges } from '../../api/conversation-types'
import { changeConversation, conversationQueries, noteConversation } from '../../api/conversations'
import { useTranslation } from '../../i18n/use-translation'
import { useToast } from '../../ui/toast'

/** A slider says a lot while it is dragged; the gateway hears where it came to rest. */
const REST_MS = 400

const unsettled = new Map<string, () => Promise<void>>()

/** Resolves once the gateway knows what was changed in this conversation, so that the next answer goes by it. */
export async function settleChanges(id: string): Promise<void> {
  await unsettled.get(id)?.()
}

/** Changes of a conversation: seen at once, sent when they come to rest, taken back when they are refused. */
export function useChanges(id: string): (changes: ConversationChanges) => void {
  const { t } = useTranslation('chat')
  const client = useQueryClient()
  const show = useToast()
  const waiting = useRef<ConversationChanges>({})
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const sending = useRef(Promise.resolve())

  const sendWaiting = useCallback(async () => {
    const keepalive = document.visibilityState === 'hidden'
    const changes = waiting.current
    waiting.current = {}
    if (Object.keys(changes).length === 0) return
    try {
      const changed = await changeConversation(id, changes, { keepalive })
      // Something newer may be on its way already.
      if (Object.keys(waiting.current).length === 0) noteConversation(client, id, changed)
    } catch {
      show({ text: t('notChanged'), tone: 'bad' })
      await client.invalidateQueries({ queryKey: conversationQueries.detail(id).queryKey })
    }
    void client.invalidateQueries({ queryKey: conversationQueries.lists() })
  }, [client, id, show, t])

  // One after the other: the newest change has to be the last to arrive.
  const send = useCallback((): Promise<void> => {
    clearTimeout(timer.current)
    sending.current = sending.current.then(sendWaiting)
    return sending.current
  }, [sendWaiting])

  useEffect(() => {
    // A page that goes does not wait for the change to come to rest.
    const onHidden = () => document.visibilityState === 'hidden' && void send()
    document.addEventListener('visibilitychange', onHidden)
    unsettled.set(id, send)
    return () => {
      document.removeEventListener('visibilitychange', onHidden)
      if (unsettled.get(id) === send) unsettled.delete(id)
      void send()
    }
  }, [id, send])

  return useCallback(
    (changes) => {
      const { compare: _, ...plain } = changes
      noteConversation(client, id, plain)
      waiting.current = { ...waiting.current, ...changes }
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void send(), REST_MS)
    },
    [client, id, send],
  )
}
