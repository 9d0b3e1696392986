import { PanelLeft } from 'lucide-react'
import { createContext, useContext } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { keyNames } from '../../lib/platform'
import { IconButton } from '../../ui/icon-button'

export interface Shell {
  /** Whether the sidebar is in sight beside the page. */
  isSidebarOpen: boolean
  /** Below 640 px the sidebar covers the page instead of standing beside it. */
  isNarrow: boolean
  toggleSidebar: () => void
}

export const ShellContext = createContext<Shell>({ isSidebarOpen: true, isNarrow: false, toggleSidebar: () => {} })

export function useShell(): Shell {
  return useContext(ShellContext)
}

/** For the left end of a screen's header: brings the sidebar back; nothing while it is in sight. */
export function SidebarButton() {
  const { t } = useTranslation('common')
  const shell = useShell()
  if (shell.isSidebarOpen && !shell.isNarrow) return null
  return (
    <IconButton label={t('sidebar.show')} shortcut={keyNames('mod+b')} onClick={shell.toggleSidebar}>
      <PanelLeft className="size-4.5" />
    </IconButton>
  )
}
