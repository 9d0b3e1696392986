import { useParams, useSearch } from '@tanstack/react-router'
import { ConversationScreen } from './conversation-screen'

export { NewChatScreen } from './new-chat'

/** Each conversation has a screen of its own: drafts, queues and running answers don't mix. */
export function ChatScreen() {
  const { conversationId } = useParams({ from: '/app/c/$conversationId' })
  const { m } = useSearch({ from: '/app/c/$conversationId' })
  return <ConversationScreen key={conversationId} id={conversationId} wantedId={m ?? null} />
}
