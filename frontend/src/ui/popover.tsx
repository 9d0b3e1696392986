// A popover's button is there at once; what opens is loaded a moment later, or with the first press.
import { Slot } from 'radix-ui'
import { Suspense, useState } from 'react'
import { lazyPart } from '../lib/lazy-part'
import type { PopoverProps } from './popover-parts'

const Loaded = lazyPart(() => import('./popover-parts').then((parts) => parts.Popover))

export function Popover(props: PopoverProps) {
  const [wasPressed, setWasPressed] = useState(false)
  const press = () => {
    setWasPressed(true)
    props.onOpenChange?.(true)
  }
  const waiting = (
    <Slot.Root aria-haspopup="dialog" aria-expanded={false} onClick={press}>
      {props.trigger}
    </Slot.Root>
  )
  return (
    <Suspense fallback={waiting}>
      <Loaded {...props} startsOpen={wasPressed} />
    </Suspense>
  )
}
