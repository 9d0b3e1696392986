// A menu's button is there at once; what opens is loaded a moment later, or with the first press.
import { Slot } from 'radix-ui'
import { Suspense, useState } from 'react'
import { lazyPart } from '../lib/lazy-part'
import type { MenuProps } from './menu-parts'

const load = () => import('./menu-parts')
const Loaded = lazyPart(() => load().then((parts) => parts.Menu))

export const MenuItem = lazyPart(() => load().then((parts) => parts.MenuItem))
/** One of several, of which one is chosen. */
export const MenuChoice = lazyPart(() => load().then((parts) => parts.MenuChoice))
export const MenuSub = lazyPart(() => load().then((parts) => parts.MenuSub))
export const MenuLabel = lazyPart(() => load().then((parts) => parts.MenuLabel))
export const MenuLine = lazyPart(() => load().then((parts) => parts.MenuLine))

export function Menu(props: MenuProps) {
  const [wasPressed, setWasPressed] = useState(false)
  const waiting = (
    <Slot.Root aria-haspopup="menu" aria-expanded={false} onClick={() => setWasPressed(true)}>
      {props.trigger}
    </Slot.Root>
  )
  return (
    <Suspense fallback={waiting}>
      <Loaded {...props} startsOpen={wasPressed} />
    </Suspense>
  )
}
