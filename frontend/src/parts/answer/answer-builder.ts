// Messages for tests: everything filled in, only what matters said.
import type { Message } from '../../api/conversation-types'

export function answerOf(fields: Partial<Message> = {}): Message {
  return {
    id: 'answer',
    conversation_id: 'conversation',
    parent_id: 'question',
    role: 'assistant',
    content: '',
    reasoning: null,
    reasoning_ms: null,
    images: [],
    files: [],
    tool_calls: [],
    model_asked: 'local/toy',
    model: null,
    provider: null,
    status: 'done',
    error: null,
    finish_reason: null,
    usage: null,
    timings: null,
    cost_usd: null,
    feedback: null,
    generation_id: 'generation',
    last_event: 0,
    attempts: null,
    request: null,
    created_at: '2026-11-21T10:00:00Z',
    updated_at: '2026-11-21T10:00:00Z',
    ...fields,
  }
}

export function questionOf(fields: Partial<Message> = {}): Message {
  return answerOf({
    id: 'question',
    parent_id: null,
    role: 'user',
    content: 'Why?',
    model_asked: null,
    generation_id: null,
    ...fields,
  })
}
