import { useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { Textarea } from '../../ui/input'

interface JsonBoxProps {
  id: string
  describedBy: string
  /** `object`, `array` or `any`. */
  type: string
  value: unknown
  onChange: (value: unknown) => void
  onProblem: (problem: string | null) => void
}

/** A value as JSON: kept as soon as it is whole and of its type. */
export function JsonBox({ id, describedBy, type, value, onChange, onProblem }: JsonBoxProps) {
  const { t } = useTranslation('parameters')
  const [draft, setDraft] = useState<string | null>(null)
  const [isWrong, setIsWrong] = useState(false)
  const say = (problem: string | null) => {
    setIsWrong(problem !== null)
    onProblem(problem)
  }
  const write = (text: string) => {
    setDraft(text)
    if (text.trim() === '') {
      say(null)
      return onChange(undefined)
    }
    const read = parsed(text)
    if (read === null) return say(t('problem.notJson'))
    if (!isOf(type, read.value)) return say(type === 'array' ? t('problem.notAnArray') : t('problem.notAnObject'))
    say(null)
    onChange(read.value)
  }
  return (
    <Textarea
      id={id}
      aria-describedby={describedBy}
      aria-invalid={isWrong || undefined}
      rows={2}
      spellCheck={false}
      placeholder={type === 'array' ? '[]' : type === 'object' ? '{}' : ''}
      className="field-sizing-content max-h-80 min-h-14 font-mono text-13"
      value={draft ?? (value === undefined || value === null ? '' : JSON.stringify(value, null, 2))}
      onChange={(event) => write(event.target.value)}
      onBlur={() => {
        if (isWrong) return
        setDraft(null)
      }}
    />
  )
}

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) }
  } catch {
    // What is typed halfway is no JSON yet.
    return null
  }
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value)
  return type !== 'object' || (typeof value === 'object' && value !== null && !Array.isArray(value))
}
