import { Ellipsis, Search } from 'lucide-react'
import { useState } from 'react'
import type { Conversation } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { keyNames } from '../../lib/platform'
import { ConversationMenu } from '../../parts/conversations/conversation-menu'
import { useConversationActs } from '../../parts/conversations/use-conversation-acts'
import { IconButton } from '../../ui/icon-button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { RenameDialog } from './rename-dialog'

interface ChatMenuProps {
  conversation: Conversation
  onFind: () => void
}

/** Everything that can be done to the conversation that is open. */
export function ChatMenu({ conversation, onFind }: ChatMenuProps) {
  const { t } = useTranslation('chat')
  const acts = useConversationActs()
  const [isRenaming, setRenaming] = useState(false)
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('menu.label')}>
            <Ellipsis className="size-4.5" />
          </IconButton>
        }
      >
        <MenuItem icon={<Search />} shortcut={keyNames('mod+f')} onSelect={onFind}>
          {t('menu.find')}
        </MenuItem>
        <MenuLine />
        <ConversationMenu conversation={conversation} acts={acts} onRename={() => setRenaming(true)} />
      </Menu>
      {isRenaming && (
        <RenameDialog
          conversation={conversation}
          onRename={(title) => void acts.rename(conversation, title)}
          onClose={() => setRenaming(false)}
        />
      )}
    </>
  )
}
