import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '../../api/client'
import type { Attachment, Message } from '../../api/conversation-types'
import { createConversation, deleteConversation } from '../../api/conversations'
import { ask } from '../../api/generations'
import { noteStarted } from '../../parts/conversation/note-started'
import type { ChatSettings } from './chat-header'
import { pendingQuestion } from './pending-question'

interface BeginningOptions {
  settings: ChatSettings
  isTemporary: boolean
  folderId: string | null
}

/** The first message makes the conversation and leads to it; what is shown there is cached by then. */
export function useBeginning({ settings, isTemporary, folderId }: BeginningOptions) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [pending, setPending] = useState<Message | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)

  async function make(text: string, attachments: readonly Attachment[]): Promise<string> {
    const conversation = await createConversation({
      model: settings.model,
      parameters: settings.parameters,
      system_prompt: settings.systemPrompt,
      folder_id: folderId,
      temporary: isTemporary,
    })
    try {
      const started = await ask(conversation.id, { content: text, attachments: attachments.map(({ id }) => id) })
      noteStarted(client, started)
    } catch (error) {
      // A conversation without a message is nothing that a list should show.
      await deleteConversation(conversation.id, { permanent: true }).catch(() => undefined)
      throw error
    }
    return conversation.id
  }

  async function begin(text: string, attachments: readonly Attachment[]): Promise<boolean> {
    if (pending !== null) return false
    setProblem(null)
    setPending(pendingQuestion('', null, text, attachments))
    try {
      await navigate({ to: '/c/$conversationId', params: { conversationId: await make(text, attachments) } })
      return true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error)
      setPending(null)
      return false
    }
  }

  return { begin, pending, problem, forgetProblem: () => setProblem(null) }
}
