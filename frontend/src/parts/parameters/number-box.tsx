import { type KeyboardEvent, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { Input } from '../../ui/input'
import { type NumberControl, numberProblem, type RangeControl } from './controls'

interface NumberBoxProps {
  control: RangeControl | NumberControl
  label: string
  value: number | null
  onChange: (value: number | undefined) => void
  /** What an empty box means. */
  placeholder: string
  step: number
  describedBy?: string
  className?: string
  onProblem: (problem: string | null) => void
}

/** A number that is typed: kept as soon as it fits, named with its bounds while it does not. */
export function NumberBox({
  control,
  label,
  value,
  onChange,
  placeholder,
  step,
  describedBy,
  className,
  onProblem,
}: NumberBoxProps) {
  const { t, i18n } = useTranslation('parameters')
  const [draft, setDraft] = useState<string | null>(null)
  const problem = draft === null || draft.trim() === '' ? null : numberProblem(control, numberOf(draft))
  const words = { min: control.min ?? '', max: control.max ?? '' }
  const say = (found: typeof problem) => {
    if (found === null) return onProblem(null)
    const sentences = {
      notANumber: t('problem.notANumber'),
      notWhole: t('problem.notWhole'),
      tooSmall: t('problem.tooSmall', words),
      tooLarge: t('problem.tooLarge', words),
    }
    onProblem(sentences[found])
  }
  const type = (text: string) => {
    setDraft(text)
    if (text.trim() === '') {
      onProblem(null)
      return onChange(undefined)
    }
    const typed = numberOf(text)
    const found = numberProblem(control, typed)
    say(found)
    if (found === null) onChange(typed)
  }
  const leave = () => {
    setDraft(null)
    onProblem(null)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0
    if (direction === 0 || value === null) return
    event.preventDefault()
    const next = Number((value + direction * step).toFixed(4))
    if (numberProblem(control, next) !== null) return
    leave()
    onChange(next)
  }
  return (
    <Input
      aria-label={label}
      aria-describedby={describedBy}
      aria-invalid={problem !== null || undefined}
      inputMode={control.whole ? 'numeric' : 'decimal'}
      autoComplete="off"
      placeholder={placeholder}
      value={draft ?? (value === null ? '' : written(value, i18n.language))}
      onChange={(event) => type(event.target.value)}
      onBlur={leave}
      onKeyDown={onKeyDown}
      className={cn('text-right tabular-nums', className)}
    />
  )
}

/** With a point or a comma: both are written for the same. */
function numberOf(text: string): number {
  const plain = text.trim().replace(',', '.')
  return plain === '' ? Number.NaN : Number(plain)
}

/** Without marks between thousands, so that it can be typed over. */
function written(value: number, language: string): string {
  return new Intl.NumberFormat(language, { useGrouping: false, maximumFractionDigits: 6 }).format(value)
}
