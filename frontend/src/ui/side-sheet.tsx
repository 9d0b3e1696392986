import { Suspense } from 'react'
import { lazyPart } from '../lib/lazy-part'
import type { SideSheetProps } from './side-sheet-parts'

const Loaded = lazyPart(() => import('./side-sheet-parts').then((parts) => parts.SideSheet))

/** On the right; below 640 px a sheet from below. `beside` must stand in a flex row with what it leaves in use. */
export function SideSheet(props: SideSheetProps) {
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  )
}
