// Opening the list of shortcuts from anywhere.

const OPEN = 'pb-shortcuts'

export function openShortcuts(): void {
  dispatchEvent(new Event(OPEN))
}

/** Calls `open` whenever the list is wanted; what comes back stops that. */
export function onShortcutsWanted(open: () => void): () => void {
  addEventListener(OPEN, open)
  return () => removeEventListener(OPEN, open)
}
