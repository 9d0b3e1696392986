// Messages that wait for the running answer, kept for this tab so that a reload does not lose them.
import type { Attachment } from '../../api/conversation-types'

export interface QueuedMessage {
  key: string
  text: string
  attachments: Attachment[]
}

const PREFIX = 'pb.queue.'

export function readQueue(conversationId: string, storage: Storage): QueuedMessage[] {
  const text = storage.getItem(PREFIX + conversationId)
  return text === null ? [] : (JSON.parse(text) as QueuedMessage[])
}

export function writeQueue(conversationId: string, queue: readonly QueuedMessage[], storage: Storage): void {
  if (queue.length === 0) storage.removeItem(PREFIX + conversationId)
  else storage.setItem(PREFIX + conversationId, JSON.stringify(queue))
}
