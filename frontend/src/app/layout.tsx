import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation } from '@tanstack/react-router'
import { Suspense, useMemo, useState } from 'react'
import { sessionQueries } from '../api/session'
import { useTranslation } from '../i18n/use-translation'
import { lazyPart } from '../lib/lazy-part'
import { isBoolean, remembered, useRemembered } from '../lib/storage'
import { useMedia } from '../lib/use-media'
import { PaletteHost } from '../parts/palette/palette-host'
import { type Shell, ShellContext, SidebarButton } from '../parts/shell/shell'
import { ShortcutsDialog } from '../parts/shortcuts/shortcuts-dialog'
import { useShortcuts } from '../parts/shortcuts/use-shortcuts'

// Beside the chat, not before it: one can write while the list is on its way.
const Sidebar = lazyPart(() => import('../parts/sidebar/sidebar').then((module) => module.Sidebar))

const SidebarSheet = lazyPart(() => import('./sidebar-sheet').then((module) => module.SidebarSheet))

const sidebarPlace = remembered('sidebar', true, isBoolean)

/** The sidebar and, beside it, the screen. */
export function Layout() {
  const { t } = useTranslation('common')
  const shell = useShellState()
  const { data: me } = useQuery(sessionQueries.me())
  // Who has just signed out is on the way to the sign-in page; what stands here is for somebody.
  if (!me) return null
  return (
    <ShellContext value={shell}>
      <button
        type="button"
        className="sr-only z-60 rounded-control bg-surface-1 px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        onClick={() => document.getElementById('content')?.focus()}
      >
        {t('skip')}
      </button>
      <div className="flex h-full">
        {shell.isNarrow ? (
          <Suspense>
            <SidebarSheet shell={shell} />
          </Suspense>
        ) : (
          shell.isSidebarOpen && (
            <div className="w-sidebar shrink-0 border-line border-r">
              <Suspense>
                <Sidebar />
              </Suspense>
            </div>
          )
        )}
        <main id="content" tabIndex={-1} className="flex min-w-0 grow flex-col outline-none">
          <TopBar />
          <div className="min-h-0 grow">
            <Suspense>
              <Outlet />
            </Suspense>
          </div>
        </main>
      </div>
      <Suspense>
        <GlobalKeys />
        <PaletteHost />
        <ShortcutsDialog />
      </Suspense>
    </ShellContext>
  )
}

/** Below the shell's context, which the keys act on. */
function GlobalKeys() {
  useShortcuts()
  return null
}

function useShellState(): Shell {
  const isNarrow = useMedia('(max-width: 639px)')
  const [isWideOpen, setIsWideOpen] = useRemembered(sidebarPlace)
  const [isSheetOpen, setIsSheetOpen] = useState(false)
  const { pathname } = useLocation()
  // Going somewhere is what the sheet was opened for.
  const [seen, setSeen] = useState(pathname)
  if (seen !== pathname) {
    setSeen(pathname)
    setIsSheetOpen(false)
  }
  return useMemo(
    () => ({
      isNarrow,
      isSidebarOpen: isNarrow ? isSheetOpen : isWideOpen,
      toggleSidebar: () => (isNarrow ? setIsSheetOpen(!isSheetOpen) : setIsWideOpen(!isWideOpen)),
    }),
    [isNarrow, isSheetOpen, isWideOpen, setIsWideOpen],
  )
}

/** Chat and comparison have headers of their own, with the sidebar's button in them. */
function TopBar() {
  const { pathname } = useLocation()
  const hasOwn = pathname === '/' || pathname.startsWith('/c/') || pathname.startsWith('/compare')
  if (hasOwn) return null
  return (
    <div className="flex shrink-0 items-center px-2 pt-2 empty:hidden">
      <SidebarButton />
    </div>
  )
}
