import { useNavigate } from '@tanstack/react-router'
import type { Conversation } from '../../api/conversation-types'
import { ChatHeader } from './chat-header'
import { ChatMenu } from './chat-menu'

interface OpenChatHeaderProps {
  conversation: Conversation
  onModelChange: (model: string) => void
  isPickerOpen: boolean
  onPickerOpenChange: (open: boolean) => void
  isPanelOpen: boolean
  onPanelOpenChange: (open: boolean) => void
  onFind: () => void
}

export function OpenChatHeader({ conversation, onFind, ...rest }: OpenChatHeaderProps) {
  const navigate = useNavigate()
  const { model, parameters, system_prompt: systemPrompt } = conversation
  return (
    <ChatHeader
      {...rest}
      settings={{ model, parameters, systemPrompt }}
      onCompare={() => void navigate({ to: '/compare' })}
      isTemporary={conversation.temporary}
      onTemporaryChange={null}
      menu={<ChatMenu conversation={conversation} onFind={onFind} />}
    />
  )
}
