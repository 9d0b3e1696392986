export type Side = 'top' | 'right' | 'bottom' | 'left'

interface Box {
  left: number
  top: number
  width: number
  height: number
}

const GAP = 6
const MARGIN = 8
const OPPOSITE = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' } as const

/** Where something of this size stands beside `anchor`: on the other side where it does not fit, always in sight. */
export function placeBeside(
  anchor: Box,
  size: { width: number; height: number },
  side: Side,
  view: { width: number; height: number },
): { left: number; top: number } {
  const wanted = at(anchor, size, side)
  const { left, top } = fits(wanted, size, side, view) ? wanted : at(anchor, size, OPPOSITE[side])
  return {
    left: Math.round(Math.max(MARGIN, Math.min(left, view.width - size.width - MARGIN))),
    top: Math.round(Math.max(MARGIN, Math.min(top, view.height - size.height - MARGIN))),
  }
}

function at(anchor: Box, size: { width: number; height: number }, side: Side): { left: number; top: number } {
  const centre = {
    left: anchor.left + (anchor.width - size.width) / 2,
    top: anchor.top + (anchor.height - size.height) / 2,
  }
  switch (side) {
    case 'top':
      return { ...centre, top: anchor.top - size.height - GAP }
    case 'bottom':
      return { ...centre, top: anchor.top + anchor.height + GAP }
    case 'left':
      return { ...centre, left: anchor.left - size.width - GAP }
    case 'right':
      return { ...centre, left: anchor.left + anchor.width + GAP }
  }
}

function fits(
  place: { left: number; top: number },
  size: { width: number; height: number },
  side: Side,
  view: { width: number; height: number },
): boolean {
  if (side === 'top' || side === 'bottom') return place.top >= MARGIN && place.top + size.height + MARGIN <= view.height
  return place.left >= MARGIN && place.left + size.width + MARGIN <= view.width
}
