import type { ReactNode } from 'react'
import { cn } from '../lib/cn'
import { Button, type ButtonProps } from './button'
import { Tooltip } from './tooltip'

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'aria-label'> {
  /** What it does, for screen readers and as its tooltip. */
  label: string
  children: ReactNode
  /** Keys that do the same, shown in the tooltip. */
  shortcut?: string
}

export function IconButton({ label, children, shortcut, look = 'ghost', size, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut}>
      <Button
        look={look}
        aria-label={label}
        className={cn(
          size === 'small' ? 'size-7 p-0 pointer-coarse:size-11' : 'target-square p-0',
          'text-muted hover:text-text',
          className,
        )}
        {...rest}
      >
        {children}
      </Button>
    </Tooltip>
  )
}
