import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '../../api/client'
import type { Conversation, Message } from '../../api/conversation-types'
import { changeConversation, noteConversation } from '../../api/conversations'
import { ask, regenerate, type Started, stopGeneration } from '../../api/generations'
import { useTranslation } from '../../i18n/use-translation'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { noteStarted } from '../../parts/conversation/note-started'
import { settleChanges } from '../../parts/conversation/use-changes'
import { useToast } from '../../ui/toast'
import type { Column } from './turns'

/** What can be done with a comparison that has begun. */
export function useComparing(conversation: Conversation, columns: readonly Column[], live: LiveAnswers) {
  const { t } = useTranslation('compare')
  const client = useQueryClient()
  const navigate = useNavigate()
  const toast = useToast()
  const [problem, setProblem] = useState<ApiError | null>(null)
  const { id, parameters } = conversation

  async function begin(call: () => Promise<Started>): Promise<boolean> {
    setProblem(null)
    try {
      await settleChanges(id)
      const started = await call()
      noteStarted(client, started)
      for (const answer of started.answers) live.follow(answer, Date.now())
      return true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error)
      return false
    }
  }

  /** Shown at once, taken back when it is refused. */
  async function change(next: readonly Column[]) {
    const compare = { columns: [...next] }
    noteConversation(client, id, { compare })
    try {
      await changeConversation(id, { compare })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      noteConversation(client, id, { compare: conversation.compare })
      toast({ text: t('notChanged'), tone: 'bad' })
    }
  }

  return {
    problem,
    forgetProblem: () => setProblem(null),
    /** Whether the question arrived. */
    ask: (content: string) =>
      begin(() =>
        ask(id, {
          content,
          parameters,
          compare: columns.map((column) => ({ model: column.model, parent_id: column.message_id })),
        }),
      ),
    regenerate: (answer: Message, model: string) => begin(() => regenerate(answer, { model, parameters })),
    setModel: (index: number, model: string) =>
      change(columns.map((column, at) => (at === index ? { ...column, model } : column))),
    stop: (answers: readonly Message[]) =>
      Promise.all(answers.map(({ generation_id: one }) => one !== null && stopGeneration(one))).catch((error) => {
        if (!(error instanceof ApiError)) throw error
        toast({ text: t('notStopped'), tone: 'bad' })
      }),
    /** The comparison becomes a chat with this column's model, below its answer. */
    async continueWith(index: number) {
      const column = columns[index]
      if (column === undefined) return
      const changes = { active_message_id: column.message_id, model: column.model, compare: null }
      try {
        noteConversation(client, id, await changeConversation(id, changes))
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        toast({ text: t('notChanged'), tone: 'bad' })
        return
      }
      await navigate({ to: '/c/$conversationId', params: { conversationId: id } })
    },
  }
}

export type Comparing = ReturnType<typeof useComparing>
