// Conversations for tests: everything filled in, only what matters said.
import type { Conversation } from '../../api/conversation-types'

export function conversationOf(fields: Partial<Conversation> = {}): Conversation {
  return {
    id: 'conversation',
    title: 'Why?',
    title_source: 'question',
    model: null,
    parameters: {},
    system_prompt: null,
    pinned: false,
    archived: false,
    folder_id: null,
    temporary: false,
    active_message_id: null,
    compare: null,
    running: [],
    message_count: 0,
    created_at: '2026-11-21T10:00:00Z',
    updated_at: '2026-11-21T10:00:00Z',
    deleted_at: null,
    ...fields,
  }
}
