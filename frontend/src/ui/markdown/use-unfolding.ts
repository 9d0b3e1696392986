import { startTransition, useEffect, useState } from 'react'

/** In characters: what is rendered at once, and how much more in each later step. */
const FIRST = 8_000
const STEP = 12_000

/** How many characters of a text are shown. What comes in one piece comes in steps, a frame apart, until all of it is. */
export function useUnfolding(length: number): number {
  const [unfolded, setUnfolded] = useState(FIRST)
  const [before, setBefore] = useState(0)
  if (length !== before) {
    setBefore(length)
    // What was whole and grew by a few words is whole again.
    if (unfolded >= before) setUnfolded(Math.max(Math.min(length, before + FIRST), FIRST))
  }
  useEffect(() => {
    if (unfolded >= length) return
    // A transition lets go of the page between two blocks.
    const frame = requestAnimationFrame(() => startTransition(() => setUnfolded(unfolded + STEP)))
    return () => cancelAnimationFrame(frame)
  }, [unfolded, length])
  return unfolded
}
