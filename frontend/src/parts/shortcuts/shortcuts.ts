// Every keyboard shortcut, in one table: what listens to keys and the list of them both read it.

export interface Shortcut {
  keys: string
  name:
    | 'palette'
    | 'newChat'
    | 'sidebar'
    | 'model'
    | 'parameters'
    | 'focus'
    | 'find'
    | 'stop'
    | 'regenerate'
    | 'copyAnswer'
    | 'editQuestion'
    | 'help'
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'mod+k', name: 'palette' },
  { keys: 'mod+shift+o', name: 'newChat' },
  { keys: 'mod+b', name: 'sidebar' },
  { keys: 'mod+shift+m', name: 'model' },
  { keys: 'mod+shift+p', name: 'parameters' },
  { keys: 'shift+escape', name: 'focus' },
  { keys: 'mod+f', name: 'find' },
  { keys: 'mod+shift+x', name: 'stop' },
  { keys: 'mod+shift+r', name: 'regenerate' },
  { keys: 'mod+shift+c', name: 'copyAnswer' },
  { keys: 'mod+shift+e', name: 'editQuestion' },
  { keys: '?', name: 'help' },
]

/** Those that a key press on the whole page does; finding is the open chat's own. */
export const GLOBAL = SHORTCUTS.filter(({ name }) => name !== 'find')

/** Whether somebody is writing, so that a key without Ctrl or ⌘ is a letter. */
export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
