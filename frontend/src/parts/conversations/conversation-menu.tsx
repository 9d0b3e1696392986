import { useQuery } from '@tanstack/react-query'
import { Archive, ArchiveRestore, Download, FolderInput, PenLine, Pin, PinOff, Trash2 } from 'lucide-react'
import type { Conversation } from '../../api/conversation-types'
import { folderQueries } from '../../api/folders'
import { useTranslation } from '../../i18n/use-translation'
import { MenuChoice, MenuItem, MenuLine, MenuSub } from '../../ui/menu'
import type { ConversationActs } from './use-conversation-acts'

interface ConversationMenuProps {
  conversation: Conversation
  acts: ConversationActs
  onRename: () => void
}

/** The items of a conversation's menu, in the list and in the chat's header. */
export function ConversationMenu({ conversation, acts, onRename }: ConversationMenuProps) {
  const { t } = useTranslation('conversations')
  const { pinned, archived } = conversation
  return (
    <>
      <MenuItem icon={<PenLine />} onSelect={onRename}>
        {t('rename')}
      </MenuItem>
      <MenuItem icon={pinned ? <PinOff /> : <Pin />} onSelect={() => void acts.setPinned(conversation, !pinned)}>
        {t(pinned ? 'unpin' : 'pin')}
      </MenuItem>
      <MenuSub icon={<FolderInput />} label={t('move')}>
        <FolderChoices conversation={conversation} acts={acts} />
      </MenuSub>
      <MenuSub icon={<Download />} label={t('export')}>
        <MenuItem onSelect={() => void acts.exportAs(conversation, 'md')}>{t('exportMarkdown')}</MenuItem>
        <MenuItem onSelect={() => void acts.exportAs(conversation, 'json')}>{t('exportJson')}</MenuItem>
      </MenuSub>
      <MenuItem
        icon={archived ? <ArchiveRestore /> : <Archive />}
        onSelect={() => void acts.setArchived(conversation, !archived)}
      >
        {t(archived ? 'unarchive' : 'archive')}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Trash2 />} danger onSelect={() => void acts.remove(conversation)}>
        {t('delete')}
      </MenuItem>
    </>
  )
}

function FolderChoices({ conversation, acts }: Pick<ConversationMenuProps, 'conversation' | 'acts'>) {
  const { t } = useTranslation('conversations')
  const { data: folders = [] } = useQuery(folderQueries.list())
  return (
    <>
      <MenuChoice chosen={conversation.folder_id === null} onSelect={() => void acts.move(conversation, null)}>
        {t('noFolder')}
      </MenuChoice>
      {folders.map((folder) => (
        <MenuChoice
          key={folder.id}
          chosen={conversation.folder_id === folder.id}
          onSelect={() => void acts.move(conversation, folder.id)}
        >
          {folder.name}
        </MenuChoice>
      ))}
    </>
  )
}
