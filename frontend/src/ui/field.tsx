import { type ReactNode, useId } from 'react'
import { cn } from '../lib/cn'

/** What the control inside a field must carry. */
export interface ControlProps {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  /** What is wrong with the value, and what would be right. */
  error?: ReactNode
  /** Beside the label, on the right. */
  aside?: ReactNode
  className?: string
  children: (control: ControlProps) => ReactNode
}

/** A control with its label above, a hint or a problem below. */
export function Field({ label, hint, error, aside, className, children }: FieldProps) {
  const id = useId()
  const hasNote = Boolean(error || hint)
  return (
    <div className={cn('grid gap-1.5', className)}>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="font-medium text-14">
          {label}
        </label>
        {aside}
      </div>
      {children({
        id,
        'aria-describedby': hasNote ? `${id}-note` : undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {hasNote && (
        <p id={`${id}-note`} className={cn('text-13', error ? 'text-bad' : 'text-muted')}>
          {error || hint}
        </p>
      )}
    </div>
  )
}
