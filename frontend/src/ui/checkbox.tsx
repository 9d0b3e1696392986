import { Check, Minus } from 'lucide-react'
import { Checkbox as Radix } from 'radix-ui'
import { type ReactNode, useId } from 'react'

interface CheckboxProps {
  label: ReactNode
  hint?: ReactNode
  checked: boolean | 'indeterminate'
  onChange: (checked: boolean) => void
  disabled?: boolean
}

export function Checkbox({ label, hint, checked, onChange, disabled }: CheckboxProps) {
  const id = useId()
  return (
    <div className="target flex items-start gap-2.5 py-2">
      <Radix.Root
        id={id}
        checked={checked}
        disabled={disabled ?? false}
        onCheckedChange={(next) => onChange(next === true)}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-px grid size-4.5 shrink-0 place-items-center rounded-[4px] border border-control-line bg-surface-1 disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Radix.Indicator className="text-accent-text">
          {checked === 'indeterminate' ? (
            <Minus className="size-3.5 text-text" />
          ) : (
            <Check className="size-3.5" strokeWidth={3} />
          )}
        </Radix.Indicator>
      </Radix.Root>
      <label htmlFor={id} className="grid text-14">
        {label}
        {hint && (
          <span id={`${id}-hint`} className="text-13 text-muted">
            {hint}
          </span>
        )}
      </label>
    </div>
  )
}
