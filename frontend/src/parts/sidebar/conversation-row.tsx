import { Link, useParams } from '@tanstack/react-router'
import { Columns3, Ellipsis } from 'lucide-react'
import { useState } from 'react'
import type { Conversation } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { IconButton } from '../../ui/icon-button'
import { Menu } from '../../ui/menu'
import { ConversationMenu } from '../conversations/conversation-menu'
import { type ConversationActs, useConversationActs } from '../conversations/use-conversation-acts'
import { CONVERSATION_TYPE } from './dragging'
import { InlineName } from './inline-name'

interface ConversationRowProps {
  conversation: Conversation
  isUnread: boolean
}

export function ConversationRow({ conversation, isUnread }: ConversationRowProps) {
  const { t } = useTranslation('sidebar')
  const acts = useConversationActs()
  const { conversationId } = useParams({ strict: false })
  const [isRenaming, setIsRenaming] = useState(false)
  const isOpen = conversationId === conversation.id
  if (isRenaming) {
    const save = (title: string) => void acts.rename(conversation, title)
    return (
      <li>
        <InlineName label={t('titleOf')} value={conversation.title} onSave={save} onEnd={() => setIsRenaming(false)} />
      </li>
    )
  }
  return (
    <li
      draggable
      onDragStart={(event) => event.dataTransfer.setData(CONVERSATION_TYPE, JSON.stringify(conversation))}
      className={cn(
        'group relative flex items-center rounded-control hover:bg-surface-2 has-[[data-state=open]]:bg-surface-2',
        isOpen && 'bg-surface-2',
      )}
    >
      <RowLink conversation={conversation} isOpen={isOpen} isUnread={isUnread} />
      <RowMenu conversation={conversation} acts={acts} onRename={() => setIsRenaming(true)} />
    </li>
  )
}

function RowLink({ conversation, isOpen, isUnread }: ConversationRowProps & { isOpen: boolean }) {
  const { t } = useTranslation(['sidebar', 'conversations'])
  const title = conversation.title || t('conversations:untitled')
  const isRunning = conversation.running.length > 0
  return (
    <Link
      to={conversation.compare ? '/compare/$conversationId' : '/c/$conversationId'}
      params={{ conversationId: conversation.id }}
      aria-current={isOpen ? 'page' : undefined}
      title={title}
      className={cn(
        'target flex min-w-0 grow items-center gap-2 rounded-control pr-9 pl-2.5',
        isUnread && 'font-medium',
      )}
    >
      {conversation.compare && <Columns3 aria-label={t('isCompare')} className="size-3.5 shrink-0 text-muted" />}
      <span className="truncate">{title}</span>
      {isRunning && (
        <span role="img" aria-label={t('running')} className="size-2 shrink-0 animate-pulse rounded-full bg-accent" />
      )}
      {isUnread && !isRunning && (
        <span role="img" aria-label={t('unread')} className="size-2 shrink-0 rounded-full bg-accent" />
      )}
    </Link>
  )
}

interface RowMenuProps {
  conversation: Conversation
  acts: ConversationActs
  onRename: () => void
}

function RowMenu({ conversation, acts, onRename }: RowMenuProps) {
  const { t } = useTranslation(['sidebar', 'conversations'])
  return (
    <div className="absolute right-1 opacity-0 focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100">
      <Menu
        trigger={
          <IconButton
            size="small"
            label={t('actsOf', { title: conversation.title || t('conversations:untitled') })}
            className="hover:bg-surface-3"
          >
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <ConversationMenu conversation={conversation} acts={acts} onRename={onRename} />
      </Menu>
    </div>
  )
}
