import type { Attachment, Message } from '../../api/conversation-types'

let count = 0

/** A question as it will be stored, with an id of this page. */
export function pendingQuestion(
  conversationId: string,
  parentId: string | null,
  text: string,
  attachments: readonly Attachment[],
): Message {
  count += 1
  const now = new Date().toISOString()
  return {
    id: `pending-${count}`,
    conversation_id: conversationId,
    parent_id: parentId,
    role: 'user',
    content: text,
    reasoning: null,
    reasoning_ms: null,
    images: attachments.filter(({ kind }) => kind === 'image'),
    files: attachments.filter(({ kind }) => kind === 'file'),
    tool_calls: [],
    model_asked: null,
    model: null,
    provider: null,
    status: 'done',
    error: null,
    finish_reason: null,
    usage: null,
    timings: null,
    attempts: null,
    cost_usd: null,
    feedback: null,
    generation_id: null,
    last_event: 0,
    request: null,
    created_at: now,
    updated_at: now,
  }
}

export function isPending(message: Message): boolean {
  return message.id.startsWith('pending-')
}
