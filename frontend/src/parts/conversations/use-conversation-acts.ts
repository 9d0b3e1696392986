import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { Conversation, ConversationChanges } from '../../api/conversation-types'
import {
  changeConversation,
  conversationQueries,
  deleteConversation,
  forgetConversation,
  noteConversation,
  restoreConversation,
} from '../../api/conversations'
import { downloadConversation } from '../../api/exports'
import { folderQueries } from '../../api/folders'
import { useTranslation } from '../../i18n/use-translation'
import { useToast } from '../../ui/toast'

export interface ConversationActs {
  rename: (conversation: Conversation, title: string) => Promise<void>
  setPinned: (conversation: Conversation, pinned: boolean) => Promise<void>
  setArchived: (conversation: Conversation, archived: boolean) => Promise<void>
  move: (conversation: Conversation, folderId: string | null) => Promise<void>
  exportAs: (conversation: Conversation, format: 'md' | 'json') => Promise<void>
  remove: (conversation: Conversation) => Promise<void>
}

/** What can be done to a conversation in a list: shown at once, taken back and said when the gateway refuses. */
export function useConversationActs(): ConversationActs {
  const { t } = useTranslation('conversations')
  const queries = useQueryClient()
  const show = useToast()
  const navigate = useNavigate()
  const { conversationId: openId } = useParams({ strict: false })

  const refresh = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: conversationQueries.lists() }),
      queries.invalidateQueries({ queryKey: folderQueries.all() }),
    ])
  const say = (error: unknown) => show({ tone: 'bad', text: error instanceof Error ? error.message : String(error) })

  const change = async (
    conversation: Conversation,
    changes: ConversationChanges & Partial<Conversation>,
    onDone?: () => void,
  ) => {
    noteConversation(queries, conversation.id, changes)
    try {
      noteConversation(queries, conversation.id, await changeConversation(conversation.id, changes))
      onDone?.()
    } catch (error) {
      noteConversation(queries, conversation.id, conversation)
      say(error)
    }
    await refresh()
  }
  const undoable = (text: string, undo: () => Promise<unknown>) =>
    show({ text, action: { label: t('undo'), onSelect: () => void undo().then(refresh, say) } })

  return {
    rename: (conversation, title) => change(conversation, { title }),
    setPinned: (conversation, pinned) => change(conversation, { pinned }),
    move: (conversation, folder_id) => change(conversation, { folder_id }),
    setArchived: async (conversation, archived) => {
      if (archived) forgetConversation(queries, conversation.id)
      const undo = () => changeConversation(conversation.id, { archived: !archived })
      await change(conversation, { archived }, () => undoable(t(archived ? 'archived' : 'unarchived'), undo))
    },
    exportAs: (conversation, format) => downloadConversation(conversation, format).catch(say),
    remove: async (conversation) => {
      forgetConversation(queries, conversation.id)
      try {
        await deleteConversation(conversation.id)
      } catch (error) {
        say(error)
        return void (await refresh())
      }
      if (openId === conversation.id) await navigate({ to: '/' })
      undoable(t('deleted', { title: conversation.title || t('untitled') }), () => restoreConversation(conversation.id))
      await refresh()
    },
  }
}
