import { Switch as Radix } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import { cn } from '../lib/cn'

interface SwitchProps {
  label: ReactNode
  /** The label is read out but not shown: something beside the switch says it. */
  hideLabel?: boolean
  hint?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
  disabled?: boolean
}

/** Takes effect at once; a choice that is saved with a form is a checkbox. */
export function Switch({ label, hideLabel, hint, checked, onChange, disabled }: SwitchProps) {
  const id = useId()
  return (
    <div className="target flex items-center justify-between gap-4">
      <label htmlFor={id} className={cn('grid text-14', hideLabel && 'sr-only')}>
        {label}
        {hint && <span className="text-13 text-muted">{hint}</span>}
      </label>
      <Radix.Root
        id={id}
        checked={checked}
        disabled={disabled ?? false}
        onCheckedChange={onChange}
        className="relative h-5.5 w-9.5 shrink-0 rounded-full border border-control-line bg-surface-3 transition-colors disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Radix.Thumb className="block size-4 translate-x-0.5 rounded-full bg-muted transition-transform data-[state=checked]:translate-x-4.5 data-[state=checked]:bg-accent-text" />
      </Radix.Root>
    </div>
  )
}
