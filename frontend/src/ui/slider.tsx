import { Slider as Radix } from 'radix-ui'
import { cn } from '../lib/cn'

interface SliderProps {
  label: string
  min: number
  max: number
  step: number
  value: number
  onChange: (value: number) => void
  disabled?: boolean
  /** What the position means, where it is not the value itself. */
  valueText?: string
  /** Nothing is chosen: it only shows where the default stands. */
  unset?: boolean
}

export function Slider({ label, min, max, step, value, onChange, disabled, valueText, unset }: SliderProps) {
  return (
    <Radix.Root
      min={min}
      max={max}
      step={step}
      value={[value]}
      disabled={disabled ?? false}
      onValueChange={([next]) => next !== undefined && onChange(next)}
      className="relative flex h-9 w-full touch-none select-none items-center data-disabled:opacity-50"
    >
      <Radix.Track className="relative h-1 grow rounded-full bg-surface-3">
        <Radix.Range className={cn('absolute h-full rounded-full', unset ? 'bg-transparent' : 'bg-accent')} />
      </Radix.Track>
      <Radix.Thumb
        aria-label={label}
        aria-valuetext={valueText}
        className={cn(
          'block size-4 rounded-full border-2 bg-surface-1 pointer-coarse:size-6',
          unset ? 'border-control-line' : 'border-accent',
        )}
      />
    </Radix.Root>
  )
}
