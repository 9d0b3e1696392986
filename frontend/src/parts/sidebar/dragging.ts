import type { Conversation } from '../../api/conversation-types'

/** What a dragged conversation is called between our own rows; nothing else may be dropped on a folder. */
export const CONVERSATION_TYPE = 'application/x-patchbay-conversation'

export function droppedConversation(data: DataTransfer): Conversation | null {
  const text = data.getData(CONVERSATION_TYPE)
  return text === '' ? null : (JSON.parse(text) as Conversation)
}
