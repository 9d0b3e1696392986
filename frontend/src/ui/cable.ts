export type Cable = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

export const CABLES: readonly Cable[] = [1, 2, 3, 4, 5, 6, 7, 8]

const BACKGROUNDS: Record<Cable, string> = {
  1: 'bg-cable-1',
  2: 'bg-cable-2',
  3: 'bg-cable-3',
  4: 'bg-cable-4',
  5: 'bg-cable-5',
  6: 'bg-cable-6',
  7: 'bg-cable-7',
  8: 'bg-cable-8',
}

/** A provider's colour as a class; neutral for a provider that is not known any more. */
export function cableBackground(cable: number | null | undefined): string {
  return BACKGROUNDS[cable as Cable] ?? 'bg-control-line'
}

/** The same as a CSS value, for charts. */
export function cableColour(cable: number | null | undefined): string {
  return cable && cable >= 1 && cable <= 8 ? `var(--cable-${cable})` : 'var(--control-line)'
}
