import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { ApiError } from '../../api/client'
import type { LoadWish } from '../../api/lifecycle'
import {
  changeSchedule,
  createSchedule,
  type ModelSchedule,
  type NewSchedule,
  scheduleQueries,
} from '../../api/model-schedules'
import { type ListedModel, modelQueries } from '../../api/models'
import { type Provider, providerQueries } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { CableDot } from '../../ui/cable-dot'
import { Checkbox } from '../../ui/checkbox'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { type Option, Select } from '../../ui/select'
import { LoadOptions } from './load-options'
import { WeekdayPicker } from './weekday-picker'

const ZONES = Intl.supportedValuesOf('timeZone')
const FIELDS = ['model', 'days', 'from', 'until', 'time_zone'] as const

type Draft = Pick<NewSchedule, (typeof FIELDS)[number]> & { unload_after: boolean; load: LoadWish }

interface ScheduleFormProps {
  /** The one that is changed; null for a new one. */
  schedule: ModelSchedule | null
  /** What a new one is for, where that is known already. */
  model?: string
  onClose: () => void
}

export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Office hours of the time zone in which one sits. */
function office(model: string): Draft {
  const hours = { from: '08:00', until: '18:00', time_zone: ownZone() }
  return { model, days: [1, 2, 3, 4, 5], ...hours, unload_after: false, load: {} }
}

function draftOf({ model, days, from, until, time_zone, unload_after, load }: ModelSchedule): Draft {
  return { model, days, from, until, time_zone, unload_after, load: given(load) }
}

/** Without what is left to the provider. */
function given(load: { [option: string]: unknown }): LoadWish {
  return Object.fromEntries(Object.entries(load).filter(([, value]) => value != null && value !== false))
}

/** A new schedule, or a change of one. */
export function ScheduleForm({ schedule, model = '', onClose }: ScheduleFormProps) {
  const { t } = useTranslation('schedules')
  const queries = useQueryClient()
  const formId = useId()
  const zonesId = useId()
  const { data: listed } = useQuery(modelQueries.list())
  const { data: providers } = useQuery(providerQueries.list())
  const [draft, setDraft] = useState(() => (schedule === null ? office(model) : draftOf(schedule)))
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }))
  const save = useMutation({
    mutationFn: (wish: NewSchedule) => (schedule === null ? createSchedule(wish) : changeSchedule(schedule.id, wish)),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: scheduleQueries.all() })
      onClose()
    },
  })
  const problem = (field: string) => (save.error instanceof ApiError ? save.error.problemOf(field) : undefined)
  const shown = [...FIELDS, ...Object.keys(draft.load).map((name) => `load.${name}`)]
  const loading = providers?.filter((one) => one.scope === 'shared' && one.acts.includes('load')) ?? []
  const choices = listed?.models.filter((one) => loading.some(({ slug }) => slug === one.provider)) ?? []
  const chosen = choices.find((one) => one.id === draft.model)
  const provider = loading.find((one) => one.slug === slugOf(draft.model))
  const choose = (id: string) => {
    const next = choices.find((one) => one.id === id)
    const nextProvider = loading.find((one) => one.slug === slugOf(id))
    change({ model: id, load: fitting(draft.load, next, nextProvider) })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (draft.model === '' || draft.days.length === 0) return
    save.mutate({ ...draft, time_zone: draft.time_zone.trim(), load: given(draft.load) })
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(schedule === null ? 'form.new' : 'form.edit')}
      actions={
        <>
          <Button onClick={onClose}>{t('form.cancel')}</Button>
          <Button
            look="primary"
            type="submit"
            form={formId}
            busy={save.isPending}
            disabled={draft.model === '' || draft.days.length === 0}
          >
            {t(schedule === null ? 'form.add' : 'form.save')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="grid gap-4">
        <Field
          label={t('form.model')}
          aside={provider && <ProviderMark provider={provider} />}
          hint={listed && providers && choices.length === 0 ? t('form.noModels') : undefined}
          error={problem('model')}
        >
          {(control) => (
            <Select
              {...control}
              value={draft.model}
              placeholder={t('form.choose')}
              options={modelOptions(draft.model, choices, loading, t('form.gone'))}
              onChange={choose}
            />
          )}
        </Field>
        <WeekdayPicker
          label={t('form.days')}
          days={draft.days}
          onChange={(days) => change({ days })}
          error={problem('days')}
        />
        <div className="grid grid-cols-2 gap-3">
          <Field label={t('form.from')} error={problem('from')}>
            {(control) => (
              <Input
                {...control}
                type="time"
                required
                value={draft.from}
                onChange={(event) => change({ from: event.target.value })}
              />
            )}
          </Field>
          <Field
            label={t('form.until')}
            aside={<span className="text-13 text-muted">{endOf(draft, t('form.nextDay'), t('form.wholeDay'))}</span>}
            error={problem('until')}
          >
            {(control) => (
              <Input
                {...control}
                type="time"
                required
                value={draft.until}
                onChange={(event) => change({ until: event.target.value })}
              />
            )}
          </Field>
        </div>
        <Field
          label={t('form.zone')}
          hint={draft.time_zone === ownZone() ? undefined : t('form.ownZone', { zone: ownZone() })}
          error={problem('time_zone')}
        >
          {(control) => (
            <Input
              {...control}
              required
              list={zonesId}
              spellCheck={false}
              value={draft.time_zone}
              onChange={(event) => change({ time_zone: event.target.value })}
            />
          )}
        </Field>
        <datalist id={zonesId}>
          {ZONES.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
        <Checkbox
          label={t('form.unload')}
          hint={t('form.unloadHint')}
          checked={draft.unload_after}
          onChange={(isOn) => change({ unload_after: isOn })}
        />
        {provider && (
          <LoadDetails count={Object.keys(given(draft.load)).length}>
            <LoadOptions
              provider={provider}
              model={chosen}
              wish={draft.load}
              onChange={(load) => change({ load })}
              exclusiveHint={t('form.exclusiveHint', { provider: provider.name })}
              problem={(option) => problem(`load.${option}`)}
            />
          </LoadDetails>
        )}
        {save.error && !shown.some((field) => problem(field)) && (
          <p role="alert" className="text-13 text-bad">
            {save.error.message}
          </p>
        )}
      </form>
    </Dialog>
  )
}

function ProviderMark({ provider }: { provider: Provider }) {
  return (
    <span className="flex items-center gap-1.5 text-13 text-muted">
      <CableDot cable={provider.cable} />
      {provider.name}
    </span>
  )
}

/** Closed where nothing is set: most schedules load as the provider does. */
function LoadDetails({ count, children }: { count: number; children: ReactNode }) {
  const { t } = useTranslation('schedules')
  const [wasSet] = useState(count > 0)
  return (
    <details open={wasSet} className="group rounded-control border border-line">
      <summary className="target flex items-center gap-2 rounded-control px-3 font-medium text-14">
        <ChevronRight aria-hidden="true" className="size-4 text-muted group-open:rotate-90" />
        {t('form.options')}
        {count > 0 && <span className="font-normal text-13 text-muted">{t('form.chosen', { count })}</span>}
      </summary>
      <div className="px-3 pt-1 pb-3">{children}</div>
    </details>
  )
}

function slugOf(model: string): string {
  return model.slice(0, model.indexOf('/'))
}

/** Those that can be loaded, and the one that is set though it is gone. */
function modelOptions(
  set: string,
  models: readonly ListedModel[],
  providers: readonly Provider[],
  gone: string,
): Option[] {
  const options = models.map(({ id, name, provider: slug }) => {
    const provider = providers.find((one) => one.slug === slug)
    return { value: id, label: name, hint: provider?.name ?? slug, mark: <CableDot cable={provider?.cable} /> }
  })
  if (set === '' || models.some((one) => one.id === set)) return options
  return [{ value: set, label: set, hint: gone, mark: <CableDot cable={null} /> }, ...options]
}

/** What of `load` the next model and its provider take too. */
function fitting(load: LoadWish, model: ListedModel | undefined, provider: Provider | undefined): LoadWish {
  const names = ['exclusive', 'context_length', ...(provider?.load_options.map((one) => one.name) ?? [])]
  const kept: LoadWish = Object.fromEntries(Object.entries(load).filter(([name]) => names.includes(name)))
  const most = model?.max_context_length ?? Number.POSITIVE_INFINITY
  if ((kept.context_length ?? 0) > most) delete kept.context_length
  return kept
}

/** Where the end is not simply later that day. */
function endOf({ from, until }: Draft, nextDay: string, wholeDay: string): string {
  if (from === until) return wholeDay
  return until < from ? nextDay : ''
}
