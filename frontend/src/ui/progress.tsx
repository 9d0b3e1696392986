import { cn } from '../lib/cn'

/** `value` from 0 to 1 where it is known; else only that something moves. */
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
        className={cn('h-full rounded-full bg-accent', value === undefined && 'w-1/3 animate-pulse')}
        {...(value !== undefined && { style: { width: `${value * 100}%` } })}
      />
    </div>
  )
}
