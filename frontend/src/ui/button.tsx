import { Slot } from 'radix-ui'
import type { ButtonHTMLAttributes, Ref } from 'react'
import { cn } from '../lib/cn'
import { Spinner } from './spinner'

const LOOKS = {
  primary: 'bg-accent text-accent-text hover:opacity-90 active:opacity-80 font-medium',
  secondary: 'border border-line bg-surface-1 hover:bg-surface-2 active:bg-surface-3 font-medium',
  ghost: 'hover:bg-surface-2 active:bg-surface-3',
  danger: 'border border-line bg-surface-1 text-bad hover:bg-bad-soft font-medium',
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof LOOKS
  size?: 'normal' | 'small'
  /** Work is under way: the button keeps its width, shows it and takes no second press. */
  busy?: boolean
  /** The child is the element (a link that looks like a button). */
  asChild?: boolean
  ref?: Ref<HTMLButtonElement>
}

export function Button({
  look = 'secondary',
  size = 'normal',
  busy,
  asChild,
  className,
  children,
  ...rest
}: ButtonProps) {
  const looks = cn(
    'relative inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-control text-14',
    'transition-colors duration-100 disabled:pointer-events-none disabled:opacity-50',
    size === 'normal' ? 'target px-3.5' : 'min-h-7 px-2 text-13 pointer-coarse:min-h-11',
    LOOKS[look],
    busy && 'pointer-events-none',
    className,
  )
  if (asChild) {
    return (
      <Slot.Root className={looks} {...rest}>
        {children}
      </Slot.Root>
    )
  }
  return (
    <button type="button" className={looks} aria-busy={busy || undefined} {...rest}>
      {busy && <Spinner className="absolute" />}
      <span className={cn('contents', busy && 'invisible')}>{children}</span>
    </button>
  )
}
