import { Navigate } from '@tanstack/react-router'
import { Suspense } from 'react'
import { ApiError } from '../../api/client'
import { useTranslation } from '../../i18n/use-translation'
import { lazyPart } from '../../lib/lazy-part'
import { useConversation } from '../../parts/conversation/use-conversation'
import { SidebarButton } from '../../parts/shell/shell'
import { Failure } from '../../ui/failure'
import { ChatSkeleton } from './chat-skeleton'
import { GoneChat } from './gone-chat'

// On its way while the messages are.
const OpenChat = lazyPart(() => import('./open-chat').then((module) => module.OpenChat))

interface ConversationScreenProps {
  id: string
  /** The message that a search led to. */
  wantedId: string | null
}

export function ConversationScreen({ id, wantedId }: ConversationScreenProps) {
  const { t } = useTranslation('chat')
  const { conversation, messages, all } = useConversation(id)
  const error = conversation.error ?? messages.error
  const isKnown = conversation.data !== undefined && messages.data !== undefined

  if (isKnown && conversation.data.compare !== null) {
    return <Navigate to="/compare/$conversationId" params={{ conversationId: id }} replace />
  }
  if (isKnown) {
    return (
      <Suspense fallback={<ChatSkeleton />}>
        <OpenChat conversation={conversation.data} messages={all} wantedId={wantedId} />
      </Suspense>
    )
  }
  if (error instanceof ApiError && error.status === 404) return <GoneChat />
  if (error !== null) {
    return (
      <Framed>
        <Failure
          title={t('notLoaded')}
          error={error}
          onRetry={() => void Promise.all([conversation.refetch(), messages.refetch()])}
        />
      </Framed>
    )
  }
  return <ChatSkeleton />
}

function Framed({ children }: { children: React.ReactNode }) {
  return (
    <div className="h-full">
      <div className="flex h-14 items-center px-2">
        <SidebarButton />
      </div>
      <div className="mx-auto max-w-form px-4 pt-8">{children}</div>
    </div>
  )
}
