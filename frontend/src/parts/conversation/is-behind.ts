import type { Conversation, Message } from '../../api/conversation-types'

/** Whether a conversation has messages, or ends of messages, that are not among these. */
export function isBehind(conversation: Conversation, messages: readonly Message[]): boolean {
  if (conversation.message_count !== messages.length) return true
  const running = new Set(conversation.running)
  const streaming = messages.filter((message) => message.status === 'streaming').map((message) => message.generation_id)
  return streaming.length !== running.size || streaming.some((id) => id === null || !running.has(id))
}
