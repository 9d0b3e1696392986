import { CalendarRange } from 'lucide-react'
import { useState } from 'react'
import { PERIODS, type PeriodName, type UsageSearch } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Popover } from '../../ui/popover'
import { Segmented } from '../../ui/segmented'

interface PeriodPickerProps {
  search: UsageSearch
  onChange: (search: UsageSearch) => void
}

export function PeriodPicker({ search, onChange }: PeriodPickerProps) {
  const { t } = useTranslation('usage')
  const { from, to, ...rest } = search
  const hasDays = from !== undefined && to !== undefined
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segmented<PeriodName | ''>
        label={t('period.label')}
        value={hasDays ? '' : (search.period ?? '7d')}
        onChange={(period) => period !== '' && onChange({ ...rest, period })}
        options={PERIODS.map((period) => ({ value: period, label: t(`period.${period}`) }))}
      />
      <Days search={search} onChange={onChange} label={hasDays ? `${from} – ${to}` : t('period.days')} />
    </div>
  )
}

function Days({ search, onChange, label }: PeriodPickerProps & { label: string }) {
  const { t } = useTranslation('usage')
  const [open, setOpen] = useState(false)
  const [from, setFrom] = useState(search.from ?? '')
  const [to, setTo] = useState(search.to ?? '')
  const isReady = from !== '' && to !== '' && from <= to
  return (
    <Popover
      label={t('period.days')}
      align="end"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button>
          <CalendarRange aria-hidden="true" className="size-4" />
          {label}
        </Button>
      }
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          onChange({ ...search, from, to })
          setOpen(false)
        }}
      >
        <Field label={t('period.from')}>
          {(control) => (
            <Input {...control} type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
          )}
        </Field>
        <Field label={t('period.to')}>
          {(control) => (
            <Input {...control} type="date" min={from} value={to} onChange={(event) => setTo(event.target.value)} />
          )}
        </Field>
        <Button type="submit" look="primary" disabled={!isReady}>
          {t('period.show')}
        </Button>
      </form>
    </Popover>
  )
}
