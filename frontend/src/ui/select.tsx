import { getNonce } from 'get-nonce'
import { Check, ChevronDown } from 'lucide-react'
import { Select as Radix } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import { cn } from '../lib/cn'
import type { ControlProps } from './field'

export interface Option<Value extends string = string> {
  value: Value
  label: string
  /** A mark before the label. */
  mark?: ReactNode
  hint?: string
}

interface SelectProps<Value extends string> extends Partial<ControlProps> {
  value: Value | undefined
  onChange: (value: Value) => void
  options: readonly Option<Value>[]
  placeholder?: string
  disabled?: boolean
  /** Needed where no field labels it. */
  'aria-label'?: string
  className?: string
}

/** One of a few. For many, with search, use a picker of its own. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  placeholder,
  disabled,
  className,
  ...control
}: SelectProps<Value>) {
  const hintId = useId()
  return (
    <Radix.Root value={value ?? ''} onValueChange={(next) => onChange(next as Value)} disabled={disabled ?? false}>
      <Radix.Trigger
        {...control}
        className={cn(
          'target inline-flex w-full items-center justify-between gap-2 rounded-control border border-control-line bg-surface-1 px-3 text-left text-14',
          'disabled:opacity-60 aria-invalid:border-bad data-placeholder:text-muted',
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder ?? ''} />
        </span>
        <Radix.Icon>
          <ChevronDown aria-hidden="true" className="size-4 text-muted" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) animate-appear overflow-hidden rounded-card border border-line bg-surface-1 shadow-float"
        >
          <Radix.Viewport className="p-1" nonce={getNonce()}>
            {options.map((option, place) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                aria-describedby={option.hint === undefined ? undefined : `${hintId}-${place}`}
                className="target relative flex cursor-default select-none items-center gap-2 rounded-control py-1 pr-3 pl-8 text-14 outline-none data-highlighted:bg-surface-2"
              >
                <Radix.ItemIndicator className="absolute left-2">
                  <Check aria-hidden="true" className="size-4 text-accent" />
                </Radix.ItemIndicator>
                {option.mark}
                <Radix.ItemText>{option.label}</Radix.ItemText>
                {option.hint !== undefined && (
                  <span id={`${hintId}-${place}`} className="ml-auto pl-3 text-13 text-muted">
                    {option.hint}
                  </span>
                )}
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
