import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef } from 'react'
import type { ConversationChanges, Message } from '../../api/conversation-types'
import {
  conversationQueries,
  deleteMessage,
  forgetMessages,
  noteConversation,
  noteMessages,
  rateMessage,
  restoreMessage,
} from '../../api/conversations'
import { useTranslation } from '../../i18n/use-translation'
import { activeWithout, newestLeaf, siblingsOf, subtreeIds, type Tree } from '../../parts/conversation/tree'
import { useToast } from '../../ui/toast'
import type { MessageActs } from './message-acts'
import type { Asking } from './use-asking'

interface MessageActsOptions {
  conversationId: string
  tree: Tree
  asking: Asking
  change: (changes: ConversationChanges) => void
  setEditing: (message: Message | null) => void
  openDetails: (message: Message) => void
}

/** The acts of this conversation's messages; always the same object, doing what is right now. */
export function useMessageActs(options: MessageActsOptions): MessageActs {
  const { t } = useTranslation('chat')
  const client = useQueryClient()
  const navigate = useNavigate()
  const show = useToast()
  const words = {
    proceed: t('proceed'),
    notDeleted: t('notDeleted'),
    notChanged: t('notChanged'),
    undo: t('undo'),
    question: t('deletedQuestion'),
    answer: t('deletedAnswer'),
  }
  const latest = useRef({ ...options, words })
  useEffect(() => {
    latest.current = { ...options, words }
  })

  return useMemo<MessageActs>(() => {
    const id = () => latest.current.conversationId
    const refetch = async () => {
      await client.invalidateQueries({ queryKey: conversationQueries.detail(id()).queryKey })
      await client.refetchQueries({ queryKey: conversationQueries.messages(id()).queryKey })
    }
    const say = (text: string) => show({ text, tone: 'bad' })

    return {
      switchBranch(message, step) {
        const { tree, change } = latest.current
        const siblings = siblingsOf(tree, message)
        const next = siblings[siblings.findIndex((one) => one.id === message.id) + step]
        if (next !== undefined) change({ active_message_id: newestLeaf(tree, next.id)?.id ?? next.id })
      },
      async resend(question, text, attachments) {
        const { asking, setEditing } = latest.current
        setEditing(null)
        const arrived = await asking.ask({ text, attachments, parentId: question.parent_id })
        if (!arrived) setEditing({ ...question, content: text })
        return arrived
      },
      setEditing: (message) => latest.current.setEditing(message),
      regenerate: (answer, model) => void latest.current.asking.regenerate(answer, model),
      proceed: () => void latest.current.asking.ask({ text: latest.current.words.proceed, attachments: [] }),
      async remove(message) {
        const { tree, words } = latest.current
        noteConversation(client, id(), { active_message_id: activeWithout(tree, message) })
        forgetMessages(client, id(), subtreeIds(tree, message.id))
        try {
          await deleteMessage(message.conversation_id, message.id)
        } catch {
          say(words.notDeleted)
          return refetch()
        }
        const undo = () =>
          restoreMessage(message.conversation_id, message.id).then(refetch, () => say(words.notChanged))
        show({
          text: message.role === 'user' ? words.question : words.answer,
          action: { label: words.undo, onSelect: () => void undo() },
        })
        await client.invalidateQueries({ queryKey: conversationQueries.detail(id()).queryKey })
      },
      async rate(answer, feedback) {
        noteMessages(client, id(), [{ ...answer, feedback }])
        await rateMessage(answer, feedback).catch(() => {
          noteMessages(client, id(), [answer])
          say(latest.current.words.notChanged)
        })
      },
      openDetails: (message) => latest.current.openDetails(message),
      testProvider: (slug) => void navigate({ to: '/admin/providers/$slug', params: { slug } }),
    }
  }, [client, navigate, show])
}
