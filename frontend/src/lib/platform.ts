// What keys are called here. "mod" is ⌘ on Apple's machines and Ctrl elsewhere.

export function isApple(platform: string = navigator.platform): boolean {
  return /mac|iphone|ipad|ipod/i.test(platform)
}

const APPLE: Record<string, string> = { mod: '⌘', alt: '⌥', shift: '⇧', enter: '↩', backspace: '⌫', escape: 'esc' }
const OTHERS: Record<string, string> = {
  mod: 'Ctrl',
  alt: 'Alt',
  shift: 'Shift',
  enter: 'Enter',
  backspace: 'Backspace',
  escape: 'Esc',
}

/** "mod+shift+k" as people here know it, for Kbd: "⌘ ⇧ K" or "Ctrl Shift K". */
export function keyNames(shortcut: string, apple = isApple()): string {
  return shortcut
    .split('+')
    .map((key) => (apple ? APPLE : OTHERS)[key] ?? (key.length === 1 ? key.toUpperCase() : key))
    .join(' ')
}

/** Whether a key press is this shortcut, no modifier more and none less. */
export function isShortcut(event: KeyboardEvent, shortcut: string, apple = isApple()): boolean {
  const keys = shortcut.split('+')
  const key = keys.at(-1)
  const mod = apple ? event.metaKey : event.ctrlKey
  const other = apple ? event.ctrlKey : event.metaKey
  return (
    event.key.toLowerCase() === key &&
    mod === keys.includes('mod') &&
    event.altKey === keys.includes('alt') &&
    // "?" and its like need Shift on some keyboards and none on others.
    (event.shiftKey === keys.includes('shift') || (key.length === 1 && /[^a-z0-9]/.test(key))) &&
    !other
  )
}
