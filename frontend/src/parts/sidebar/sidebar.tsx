import { Link, useLocation } from '@tanstack/react-router'
import { Columns3, PanelLeftClose, Search, SquarePen } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { keyNames } from '../../lib/platform'
import { IconButton } from '../../ui/icon-button'
import { openPalette } from '../palette/palette-events'
import { useShell } from '../shell/shell'
import { ChatList } from './chat-list'
import { PlacesNav } from './places-nav'
import { UserMenu } from './user-menu'

const ROW = 'target flex w-full items-center gap-2.5 rounded-control px-2.5 text-14 hover:bg-surface-2'

/** Conversations; in the administration, its screens. */
export function Sidebar() {
  const { t } = useTranslation('sidebar')
  const { pathname } = useLocation()
  const isChat = pathname === '/' || pathname.startsWith('/c/') || pathname.startsWith('/compare')
  return (
    <div className="flex h-full flex-col bg-surface-0">
      <Head />
      {isChat ? (
        <>
          <div className="grid gap-0.5 px-2 pb-2">
            <Link to="/" className={ROW}>
              <SquarePen aria-hidden="true" className="size-4 text-muted" />
              <Label shortcut="mod+shift+o">{t('newChat')}</Label>
            </Link>
            <button type="button" className={ROW} onClick={openPalette}>
              <Search aria-hidden="true" className="size-4 text-muted" />
              <Label shortcut="mod+k">{t('search')}</Label>
            </button>
            <Link to="/compare" className={ROW}>
              <Columns3 aria-hidden="true" className="size-4 text-muted" />
              <Label>{t('compare')}</Label>
            </Link>
          </div>
          <ChatList />
        </>
      ) : (
        <PlacesNav />
      )}
      <UserMenu />
    </div>
  )
}

function Head() {
  const { t } = useTranslation('sidebar')
  const shell = useShell()
  return (
    <div className="flex h-14 shrink-0 items-center justify-between pr-2 pl-4">
      <Link to="/" className="flex items-center gap-2.5 rounded-control font-semibold text-14">
        <img src="icon.svg" alt="" className="size-6" />
        Patchbay
      </Link>
      <IconButton label={t('hide')} shortcut={keyNames('mod+b')} onClick={shell.toggleSidebar}>
        <PanelLeftClose className="size-4.5" />
      </IconButton>
    </div>
  )
}

function Label({ children, shortcut }: { children: ReactNode; shortcut?: string }) {
  return (
    <>
      <span className="grow text-left">{children}</span>
      {shortcut && (
        <span aria-hidden="true" className="hidden text-12 text-muted sm:inline">
          {keyNames(shortcut)}
        </span>
      )}
    </>
  )
}
