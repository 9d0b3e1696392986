import { cn } from '../lib/cn'
import { cableBackground } from './cable'

interface CableProps {
  cable: number | null | undefined
  className?: string
}

/** Marks a provider; its name stands beside it. */
export function CableDot({ cable, className }: CableProps) {
  return (
    <span
      aria-hidden="true"
      className={cn('inline-block size-2.5 shrink-0 rounded-full', cableBackground(cable), className)}
    />
  )
}

/** The same as a line at the left edge of something. */
export function CableLine({ cable, className }: CableProps) {
  return (
    <span
      aria-hidden="true"
      className={cn('inline-block w-[3px] shrink-0 self-stretch rounded-full', cableBackground(cable), className)}
    />
  )
}
