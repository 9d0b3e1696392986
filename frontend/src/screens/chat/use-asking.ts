import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../../api/client'
import type { Attachment, Conversation, Message } from '../../api/conversation-types'
import { ask, regenerate, type Started } from '../../api/generations'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { noteStarted } from '../../parts/conversation/note-started'
import { settleChanges } from '../../parts/conversation/use-changes'
import { pendingQuestion } from './pending-question'

export interface Asked {
  text: string
  attachments: readonly Attachment[]
  /** What it answers to; absent: the end of the shown branch. */
  parentId?: string | null
}

export interface Asking {
  /** A question that is on its way, shown as if it had arrived. */
  pending: Message | null
  /** Why the last question did not arrive; nothing of it is stored. */
  problem: ApiError | null
  forgetProblem(): void
  /** A question or the wish for another answer is on its way. */
  isUnderWay: boolean
  /** Whether it arrived. */
  ask(asked: Asked): Promise<boolean>
  /** The same at the end of the shown branch. */
  send(text: string, attachments: readonly Attachment[]): Promise<boolean>
  /** Whether another answer was begun. */
  regenerate(message: Message, model?: string): Promise<boolean>
  /** A question keeps its key when it gets its id. */
  keyOf(message: Message): string
}

/** `onShown` is called when a question or an answer has been put at the end of what is shown. */
export function useAsking(conversation: Conversation, live: LiveAnswers, onShown: () => void): Asking {
  const client = useQueryClient()
  const [pending, setPending] = useState<Message | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const [isUnderWay, setUnderWay] = useState(false)
  const keys = useRef(new Map<string, string>())

  async function begin(call: () => Promise<Started>): Promise<Started | null> {
    setProblem(null)
    setUnderWay(true)
    try {
      await settleChanges(conversation.id)
      const started = await call()
      noteStarted(client, started)
      for (const answer of started.answers) live.follow(answer, Date.now())
      return started
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error)
      return null
    } finally {
      setUnderWay(false)
    }
  }

  async function askOne({ text, attachments, parentId }: Asked): Promise<boolean> {
    const parent = parentId === undefined ? conversation.active_message_id : parentId
    const question = pendingQuestion(conversation.id, parent, text, attachments)
    setPending(question)
    const started = await begin(() =>
      ask(conversation.id, {
        content: text,
        attachments: attachments.map(({ id }) => id),
        parent_id: parent,
        parameters: conversation.parameters,
        ...(conversation.model !== null && { model: conversation.model }),
      }),
    )
    if (started === null) setPending(null)
    else {
      keys.current.set(started.message.id, question.id)
      // It is shown until the cache has told everybody about the real one, which has this id.
      setPending({ ...question, id: started.message.id })
    }
    return started !== null
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: when there is something new at the end
  useEffect(() => {
    if (pending !== null) onShown()
  }, [pending])

  return {
    pending,
    problem,
    isUnderWay,
    forgetProblem: () => setProblem(null),
    keyOf: ({ id }) => keys.current.get(id) ?? id,
    ask: askOne,
    send: (text, attachments) => askOne({ text, attachments }),
    async regenerate(message, model) {
      const chosen = model ?? conversation.model
      const how = { parameters: conversation.parameters, ...(chosen !== null && { model: chosen }) }
      return (await begin(() => regenerate(message, how))) !== null
    },
  }
}
