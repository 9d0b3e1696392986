// Opening the command palette from anywhere; it is loaded when it is wanted for the first time.

const OPEN = 'pb-palette'

export function openPalette(): void {
  dispatchEvent(new Event(OPEN))
}

/** Calls `open` whenever the palette is wanted; what comes back stops that. */
export function onPaletteWanted(open: () => void): () => void {
  addEventListener(OPEN, open)
  return () => removeEventListener(OPEN, open)
}
