import { useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'

const DAY_MS = 24 * 60 * 60 * 1000
const DAYS = { week: 7, month: 30, year: 365 } as const

type Choice = 'never' | keyof typeof DAYS | 'date'

interface ExpiryFieldProps {
  /** ISO 8601; null never ends. */
  value: string | null
  onChange: (value: string | null) => void
  error: string | undefined
}

export function ExpiryField({ value, onChange, error }: ExpiryFieldProps) {
  const { t } = useTranslation('keys')
  const [choice, setChoice] = useState<Choice>(value === null ? 'never' : 'date')
  const choose = (next: Choice) => {
    setChoice(next)
    if (next === 'never') onChange(null)
    else if (next !== 'date') onChange(new Date(Date.now() + DAYS[next] * DAY_MS).toISOString())
  }
  return (
    <div className="grid gap-2">
      <span className="font-medium">{t('form.expires')}</span>
      <div>
        <Segmented
          label={t('form.expires')}
          value={choice}
          onChange={choose}
          options={[
            { value: 'never', label: t('expiry.never') },
            { value: 'week', label: t('expiry.week') },
            { value: 'month', label: t('expiry.month') },
            { value: 'year', label: t('expiry.year') },
            { value: 'date', label: t('expiry.date') },
          ]}
        />
      </div>
      {choice === 'date' && (
        <Field label={t('expiry.dateLabel')} error={error}>
          {(control) => (
            <Input
              {...control}
              type="date"
              required
              className="max-w-48"
              value={value?.slice(0, 10) ?? ''}
              onChange={(event) =>
                event.target.value && onChange(new Date(`${event.target.value}T23:59:59`).toISOString())
              }
            />
          )}
        </Field>
      )}
    </div>
  )
}
