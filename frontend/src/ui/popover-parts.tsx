// What a popover is made of; popover.tsx loads it.
import { Popover as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { cn } from '../lib/cn'

export interface PopoverProps {
  /** What is in it, for screen readers. */
  label: string
  trigger: ReactElement
  children: ReactNode
  open?: boolean
  onOpenChange?: (open: boolean) => void
  align?: 'start' | 'center' | 'end'
  className?: string
}

export function Popover({
  label,
  trigger,
  children,
  open,
  onOpenChange,
  align = 'start',
  className,
  startsOpen,
}: PopoverProps & { startsOpen: boolean }) {
  return (
    <Radix.Root defaultOpen={startsOpen} {...(open !== undefined && { open })} {...(onOpenChange && { onOpenChange })}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={cn(
            'z-50 max-h-(--radix-popover-content-available-height) max-w-[calc(100vw-16px)] animate-appear overflow-y-auto rounded-card border border-line bg-surface-1 p-4 shadow-float outline-none',
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
