import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { createSchedule, type NewSchedule, scheduleQueries } from '../../api/model-schedules'
import { modelQueries } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Checkbox } from '../../ui/checkbox'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { WEEK, weekdayName } from './weekdays'

const ZONES = Intl.supportedValuesOf('timeZone')

/** Office hours of the time zone in which one sits. */
function office(): NewSchedule {
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return { model: '', days: [1, 2, 3, 4, 5], from: '08:00', until: '18:00', time_zone: zone, unload_after: false }
}

export function ScheduleForm() {
  const { t, i18n } = useTranslation('models')
  const queries = useQueryClient()
  const modelsId = useId()
  const zonesId = useId()
  const { data } = useQuery(modelQueries.list())
  const [wish, setWish] = useState(office)
  const change = (changes: Partial<NewSchedule>) => setWish((before) => ({ ...before, ...changes }))
  const create = useMutation({
    mutationFn: () => createSchedule({ ...wish, model: wish.model.trim(), time_zone: wish.time_zone.trim() }),
    onSuccess: () => {
      change({ model: '' })
      void queries.invalidateQueries({ queryKey: scheduleQueries.all() })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  const choose = (day: number, isOn: boolean) => {
    const chosen = isOn ? [...wish.days, day] : wish.days.filter((one) => one !== day)
    change({ days: chosen.sort() })
  }
  return (
    <form onSubmit={submit} className="grid gap-3 sm:grid-cols-[3fr_1fr_1fr_2fr]">
      <Field label={t('schedules.model')}>
        {(control) => (
          <Input
            {...control}
            required
            list={modelsId}
            spellCheck={false}
            value={wish.model}
            onChange={(event) => change({ model: event.target.value })}
          />
        )}
      </Field>
      <datalist id={modelsId}>
        {data?.models
          .filter((one) => one.state !== 'remote')
          .map((one) => (
            <option key={one.id} value={one.id} />
          ))}
      </datalist>
      <Field label={t('schedules.from')}>
        {(control) => (
          <Input
            {...control}
            type="time"
            required
            value={wish.from}
            onChange={(event) => change({ from: event.target.value })}
          />
        )}
      </Field>
      <Field label={t('schedules.until')}>
        {(control) => (
          <Input
            {...control}
            type="time"
            required
            value={wish.until}
            onChange={(event) => change({ until: event.target.value })}
          />
        )}
      </Field>
      <Field label={t('schedules.zone')}>
        {(control) => (
          <Input
            {...control}
            required
            list={zonesId}
            spellCheck={false}
            value={wish.time_zone}
            onChange={(event) => change({ time_zone: event.target.value })}
          />
        )}
      </Field>
      <datalist id={zonesId}>
        {ZONES.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <fieldset className="flex flex-wrap gap-x-4 sm:col-span-4">
        <legend className="font-medium text-14">{t('schedules.days')}</legend>
        {WEEK.map((day) => (
          <Checkbox
            key={day}
            label={weekdayName(day, i18n.language, 'long')}
            checked={wish.days.includes(day)}
            onChange={(isOn) => choose(day, isOn)}
          />
        ))}
      </fieldset>
      <div className="flex flex-wrap items-center justify-between gap-3 sm:col-span-4">
        <Checkbox
          label={t('schedules.unload')}
          checked={wish.unload_after ?? false}
          onChange={(isOn) => change({ unload_after: isOn })}
        />
        <Button type="submit" busy={create.isPending} disabled={wish.days.length === 0}>
          {t('schedules.add')}
        </Button>
      </div>
      {create.error && (
        <p role="alert" className="text-13 text-bad sm:col-span-4">
          {create.error.message}
        </p>
      )}
    </form>
  )
}
