import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { ChevronRight, Ellipsis, Folder as FolderIcon, PenLine, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { conversationQueries } from '../../api/conversations'
import { deleteFolder, type Folder, folderQueries, renameFolder } from '../../api/folders'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { Confirm } from '../../ui/confirm'
import { IconButton } from '../../ui/icon-button'
import { Menu, MenuItem } from '../../ui/menu'
import { useToast } from '../../ui/toast'
import { useConversationActs } from '../conversations/use-conversation-acts'
import { ConversationRow } from './conversation-row'
import { CONVERSATION_TYPE, droppedConversation } from './dragging'
import { InlineName } from './inline-name'

export function FolderGroup({ folder }: { folder: Folder }) {
  const { t } = useTranslation('sidebar')
  const acts = useConversationActs()
  const [isOpen, setIsOpen] = useState(false)
  const [isOver, setIsOver] = useState(false)
  const [isRenaming, setIsRenaming] = useState(false)
  const rename = useFolderChange((name: string) => renameFolder(folder.id, name))
  if (isRenaming) {
    return <InlineName label={t('folderName')} value={folder.name} onSave={rename} onEnd={() => setIsRenaming(false)} />
  }
  return (
    <section
      aria-label={folder.name}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(CONVERSATION_TYPE)) return
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false)
        const conversation = droppedConversation(event.dataTransfer)
        if (conversation) void acts.move(conversation, folder.id)
      }}
      className={cn('mt-2 rounded-control', isOver && 'outline-2 outline-accent')}
    >
      <div className="group relative flex items-center rounded-control hover:bg-surface-2">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          className="target flex min-w-0 grow items-center gap-2 rounded-control pr-9 pl-2.5 text-left"
        >
          <ChevronRight aria-hidden="true" className={cn('size-3.5 shrink-0 text-muted', isOpen && 'rotate-90')} />
          <FolderIcon aria-hidden="true" className="size-4 shrink-0 text-muted" />
          <span className="truncate">{folder.name}</span>
          <span className="text-12 text-muted tabular-nums">{folder.conversation_count}</span>
        </button>
        <FolderMenu folder={folder} onRename={() => setIsRenaming(true)} />
      </div>
      {isOpen && <FolderRows folder={folder} />}
    </section>
  )
}

function FolderRows({ folder }: { folder: Folder }) {
  const { t } = useTranslation('sidebar')
  const list = useInfiniteQuery(conversationQueries.list({ archived: false, folder_id: folder.id }))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  if (list.isSuccess && rows.length === 0) return <p className="py-1 pl-9 text-13 text-muted">{t('folderEmpty')}</p>
  return (
    <ul className="grid grid-cols-1 gap-px pl-4">
      {rows.map((one) => (
        <ConversationRow key={one.id} conversation={one} isUnread={false} />
      ))}
    </ul>
  )
}

function FolderMenu({ folder, onRename }: { folder: Folder; onRename: () => void }) {
  const { t } = useTranslation('sidebar')
  const [isAsking, setIsAsking] = useState(false)
  const remove = useFolderChange(() => deleteFolder(folder.id))
  return (
    <div className="absolute right-1 opacity-0 focus-within:opacity-100 group-hover:opacity-100 has-[[data-state=open]]:opacity-100 pointer-coarse:opacity-100">
      <Menu
        trigger={
          <IconButton size="small" label={t('actsOf', { title: folder.name })} className="hover:bg-surface-3">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem icon={<PenLine />} onSelect={onRename}>
          {t('renameFolder')}
        </MenuItem>
        <MenuItem icon={<Trash2 />} danger onSelect={() => setIsAsking(true)}>
          {t('deleteFolder')}
        </MenuItem>
      </Menu>
      <Confirm
        open={isAsking}
        onOpenChange={setIsAsking}
        title={t('deleteFolderTitle', { name: folder.name })}
        description={t('deleteFolderText')}
        action={t('deleteFolder')}
        onConfirm={() => {
          setIsAsking(false)
          remove('')
        }}
      />
    </div>
  )
}

/** Does something to a folder, says when that is refused, and shows the lists as they are then. */
function useFolderChange(change: (name: string) => Promise<unknown>): (name: string) => void {
  const queries = useQueryClient()
  const show = useToast()
  return (name) =>
    void change(name)
      .catch((error: Error) => show({ tone: 'bad', text: error.message }))
      .finally(() => {
        void queries.invalidateQueries({ queryKey: folderQueries.all() })
        void queries.invalidateQueries({ queryKey: conversationQueries.lists() })
      })
}
