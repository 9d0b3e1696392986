import { cn } from '../lib/cn'

/** `value` from 0 to 1 where it is known; else the whole bar breathes, so that nobody reads a share from it. */
export function Progress({
  label,
  value,
  className,
}: {
  label: string
  value?: number | undefined
  className?: string
}) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(value !== undefined && { 'aria-valuenow': Math.round(value * 100) })}
      className={cn('h-1.5 overflow-hidden rounded-full bg-surface-3', className)}
    >
      <div
        className={cn('h-full rounded-full bg-accent', value === undefined && 'w-full animate-pulse opacity-40')}
        {...(value !== undefined && { style: { width: `${value * 100}%` } })}
      />
    </div>
  )
}
