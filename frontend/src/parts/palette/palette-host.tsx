import { lazy, Suspense, useEffect, useState } from 'react'
import { onPaletteWanted } from './palette-events'

const Palette = lazy(() => import('./palette').then((module) => ({ default: module.Palette })))

/** Loads the palette when it is wanted for the first time. */
export function PaletteHost() {
  const [open, setOpen] = useState(false)
  useEffect(() => onPaletteWanted(() => setOpen(true)), [])
  if (!open) return null
  return (
    <Suspense>
      <Palette onClose={() => setOpen(false)} />
    </Suspense>
  )
}
