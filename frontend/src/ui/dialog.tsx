import { Suspense } from 'react'
import { lazyPart } from '../lib/lazy-part'
import type { DialogProps } from './dialog-parts'

const Loaded = lazyPart(() => import('./dialog-parts').then((parts) => parts.Dialog))

/** In the middle; below 640 px a sheet from below. Loaded after the page. */
export function Dialog(props: DialogProps) {
  return (
    <Suspense>
      <Loaded {...props} />
    </Suspense>
  )
}
