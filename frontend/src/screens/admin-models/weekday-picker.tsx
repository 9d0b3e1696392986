import { useId } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { WEEK, weekdayName } from './weekdays'

interface WeekdayPickerProps {
  label: string
  days: readonly number[]
  onChange: (days: number[]) => void
  error?: string | undefined
}

/** The days of the week side by side, each on or off. */
export function WeekdayPicker({ label, days, onChange, error }: WeekdayPickerProps) {
  const { i18n } = useTranslation('schedules')
  const id = useId()
  const toggle = (day: number) =>
    onChange(days.includes(day) ? days.filter((one) => one !== day) : [...days, day].sort())
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend takes no part in the grid.
    <div role="group" aria-labelledby={id} className="grid gap-1.5">
      <span id={id} className="font-medium text-14">
        {label}
      </span>
      <div className="grid grid-cols-7 gap-1">
        {WEEK.map((day) => {
          const isOn = days.includes(day)
          return (
            <button
              key={day}
              type="button"
              aria-pressed={isOn}
              title={weekdayName(day, i18n.language, 'long')}
              onClick={() => toggle(day)}
              className={cn(
                'target rounded-control border text-13',
                isOn
                  ? 'border-accent bg-accent-soft font-medium text-accent'
                  : 'border-control-line bg-surface-1 text-muted hover:bg-surface-2',
              )}
            >
              {weekdayName(day, i18n.language, 'short')}
            </button>
          )
        })}
      </div>
      {error !== undefined && <p className="text-13 text-bad">{error}</p>}
    </div>
  )
}
