import { ToggleGroup } from 'radix-ui'
import type { ReactNode } from 'react'

interface SegmentedProps<Value extends string> {
  label: string
  value: Value
  onChange: (value: Value) => void
  options: readonly { value: Value; label: ReactNode }[]
}

/** One of two to five, all in sight. */
export function Segmented<Value extends string>({ label, value, onChange, options }: SegmentedProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next !== '' && onChange(next as Value)}
      className="inline-flex w-fit max-w-full gap-0.5 overflow-x-auto rounded-control bg-surface-3 p-0.5 dark:bg-surface-2"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="inline-flex min-h-8 shrink-0 items-center gap-1.5 rounded-[4px] px-3 text-13 text-muted hover:text-text data-[state=on]:bg-surface-1 data-[state=on]:font-medium data-[state=on]:text-text dark:data-[state=on]:bg-surface-3 pointer-coarse:min-h-10"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
