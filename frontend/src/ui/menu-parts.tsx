// What a menu is made of; menu.tsx loads it.
import { Check, ChevronRight } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { cn } from '../lib/cn'
import { Kbd } from './kbd'

const ITEM = cn(
  'target relative flex cursor-default select-none items-center gap-2.5 rounded-control px-2.5 py-1 text-14 outline-none',
  'data-disabled:opacity-50 data-highlighted:bg-surface-2',
)
const PANEL =
  'z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-appear overflow-y-auto rounded-card border border-line bg-surface-1 p-1 shadow-float'

export interface MenuProps {
  /** One button; it opens the menu. */
  trigger: ReactElement
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'bottom'
}

export function Menu({
  trigger,
  children,
  align = 'end',
  side = 'bottom',
  startsOpen,
}: MenuProps & { startsOpen: boolean }) {
  return (
    <Radix.Root modal={false} defaultOpen={startsOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} side={side} sideOffset={4} collisionPadding={8} className={PANEL}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export interface MenuItemProps {
  children: ReactNode
  onSelect: () => void
  icon?: ReactNode
  shortcut?: string
  danger?: boolean
  disabled?: boolean
}

export function MenuItem({ children, onSelect, icon, shortcut, danger, disabled }: MenuItemProps) {
  return (
    <Radix.Item onSelect={onSelect} disabled={disabled ?? false} className={cn(ITEM, danger && 'text-bad')}>
      {icon && <span className={cn('*:size-4', !danger && 'text-muted')}>{icon}</span>}
      <span className="min-w-0 grow truncate">{children}</span>
      {shortcut && <Kbd keys={shortcut} />}
    </Radix.Item>
  )
}

export interface MenuChoiceProps {
  children: ReactNode
  chosen: boolean
  onSelect: () => void
}

/** One of several, of which one is chosen. */
export function MenuChoice({ children, chosen, onSelect }: MenuChoiceProps) {
  return (
    <Radix.CheckboxItem checked={chosen} onSelect={onSelect} className={cn(ITEM, 'pl-9')}>
      <Radix.ItemIndicator className="absolute left-2.5">
        <Check aria-hidden="true" className="size-4 text-accent" />
      </Radix.ItemIndicator>
      {children}
    </Radix.CheckboxItem>
  )
}

export interface MenuSubProps {
  label: ReactNode
  icon?: ReactNode
  children: ReactNode
}

export function MenuSub({ label, icon, children }: MenuSubProps) {
  return (
    <Radix.Sub>
      <Radix.SubTrigger className={cn(ITEM, 'data-[state=open]:bg-surface-2')}>
        {icon && <span className="text-muted *:size-4">{icon}</span>}
        <span className="min-w-0 grow truncate">{label}</span>
        <ChevronRight aria-hidden="true" className="size-4 text-muted" />
      </Radix.SubTrigger>
      <Radix.Portal>
        <Radix.SubContent sideOffset={4} collisionPadding={8} className={PANEL}>
          {children}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 pt-2 pb-1 text-12 text-muted">{children}</Radix.Label>
}

export function MenuLine() {
  return <Radix.Separator className="my-1 h-px bg-line" />
}
