import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent } from 'react'
import { isShortcut } from '../../lib/platform'
import { wishOfChat } from '../conversation/chat-wishes'
import { openPalette } from '../palette/palette-events'
import { useShell } from '../shell/shell'
import { openShortcuts } from './shortcut-events'
import { GLOBAL, isWriting, type Shortcut } from './shortcuts'

/** Listens to the keys of the whole page. */
export function useShortcuts(): void {
  const navigate = useNavigate()
  const shell = useShell()
  const act = useEffectEvent((name: Shortcut['name']): boolean => {
    switch (name) {
      case 'palette':
        openPalette()
        return true
      case 'newChat':
        void navigate({ to: '/' })
        return true
      case 'sidebar':
        shell.toggleSidebar()
        return true
      case 'help':
        openShortcuts()
        return true
      default:
        // Without a chat in sight the key belongs to the browser.
        return wishOfChat(name)
    }
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const found = GLOBAL.find(({ keys }) => isShortcut(event, keys))
      if (!found || event.defaultPrevented || (found.keys === '?' && isWriting(event.target))) return
      if (act(found.name)) event.preventDefault()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}
