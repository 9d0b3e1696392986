// A gateway that keeps conversations and folders as the real one does: what is changed is there when it is asked again.
import type { Conversation, ConversationChanges } from '../../api/conversation-types'
import type { Folder } from '../../api/folders'
import { answers, page } from '../../test/gateway'

export interface KeptConversations {
  /** What the gateway was told to change, oldest first. */
  changes: ConversationChanges[]
  folders: Folder[]
}

export function keepsConversations(conversations: readonly Conversation[], folders: Folder[] = []): KeptConversations {
  let kept = [...conversations]
  const state: KeptConversations = { changes: [], folders }
  answers('get', '/api/v1/folders', () => page(state.folders))
  answers('get', '/api/v1/conversations', ({ url }) => {
    const folder = url.searchParams.get('folder_id')
    const isPinned = url.searchParams.has('pinned')
    return page(
      kept.filter((one) => !one.archived && (!isPinned || one.pinned) && (folder === null || one.folder_id === folder)),
    )
  })
  answers('patch', '/api/v1/conversations/{id}', ({ params, body }) => {
    state.changes.push(body as ConversationChanges)
    kept = kept.map((one) => (one.id === params.id ? { ...one, ...(body as Partial<Conversation>) } : one))
    return kept.find((one) => one.id === params.id) as Conversation
  })
  answers('delete', '/api/v1/conversations/{id}', ({ params }) => {
    kept = kept.filter((one) => one.id !== params.id)
    return { deleted: true as const, id: params.id ?? '' }
  })
  answers('post', '/api/v1/conversations/{id}/restore', ({ params }) => {
    const restored = conversations.find((one) => one.id === params.id) as Conversation
    kept = [restored, ...kept]
    return restored
  })
  return state
}
