import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  type ModelSchedule,
  scheduleQueries,
} from '../../api/model-schedules'
import { type ListedModels, modelQueries } from '../../api/models'
import { type Provider, providerQueries } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { wholeNumber } from '../../lib/format'
import { Button } from '../../ui/button'
import { CableDot } from '../../ui/cable-dot'
import { Failure } from '../../ui/failure'
import { IconButton } from '../../ui/icon-button'
import { Section } from '../../ui/page'
import { RelativeTime } from '../../ui/relative-time'
import { SkeletonRows } from '../../ui/skeleton'
import { StateDot } from '../../ui/state-dot'
import { Switch } from '../../ui/switch'
import { useToast } from '../../ui/toast'
import { optionWords } from './option-words'
import { ownZone, ScheduleForm } from './schedule-form'
import { daysInWords, WEEK } from './weekdays'

/** When models are kept loaded. */
export function Schedules() {
  const { t } = useTranslation('schedules')
  const schedules = useQuery(scheduleQueries.list())
  const [edited, setEdited] = useState<ModelSchedule | 'new' | null>(null)
  return (
    <Section
      title={t('title')}
      description={t('text')}
      actions={
        <Button onClick={() => setEdited('new')}>
          <Plus aria-hidden="true" className="size-4" />
          {t('open')}
        </Button>
      }
    >
      {schedules.isPending && <SkeletonRows label={t('loading')} rows={2} />}
      {schedules.isError && (
        <Failure title={t('failed')} error={schedules.error} onRetry={() => void schedules.refetch()} />
      )}
      {schedules.data?.length === 0 && <p className="text-13 text-muted">{t('none')}</p>}
      <ul className="grid empty:hidden">
        {schedules.data?.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} onEdit={() => setEdited(schedule)} />
        ))}
      </ul>
      {edited !== null && <ScheduleForm schedule={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </Section>
  )
}

function ScheduleRow({ schedule, onEdit }: { schedule: ModelSchedule; onEdit: () => void }) {
  const { t } = useTranslation('schedules')
  const queries = useQueryClient()
  const show = useToast()
  const { id, is_due, last_problem, ...kept } = schedule
  const { model } = kept
  const { data: listed } = useQuery(modelQueries.list())
  const { data: providers } = useQuery(providerQueries.list())
  const provider = providers?.find((one) => one.slug === slugOf(model) && one.scope === 'shared')
  const state = listed?.models.find((one) => one.id === model)?.state
  const trouble = providers && listed && troubleOf(model, provider, listed)
  const refresh = () => queries.invalidateQueries({ queryKey: scheduleQueries.all() })
  const say = (error: Error) => show({ tone: 'bad', text: error.message })
  const enable = useMutation({
    mutationFn: (enabled: boolean) => changeSchedule(id, { enabled }),
    onError: say,
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: () => deleteSchedule(id),
    onSuccess: () =>
      show({
        text: t('deleted', { model }),
        action: { label: t('undo'), onSelect: () => void createSchedule(kept).then(refresh, say) },
      }),
    onError: say,
    onSettled: refresh,
  })
  return (
    <li className="flex items-center gap-1 border-line border-b py-2 last:border-0 sm:gap-2">
      <div className="grid min-w-0 grow gap-0.5">
        <span className="flex min-w-0 items-baseline gap-2">
          <CableDot cable={provider?.cable} />
          <code className="min-w-0 break-all font-mono text-13">{model}</code>
        </span>
        <Times schedule={schedule} />
        <Wishes schedule={schedule} />
        {is_due && !trouble && <Now state={state} />}
        {trouble && (
          <span className={schedule.enabled && trouble !== 'off' ? 'text-13 text-bad' : 'text-13 text-muted'}>
            {t(`trouble.${trouble}`, { provider: provider?.name ?? slugOf(model) })}
          </span>
        )}
        {last_problem && !trouble && (
          <span className="text-13 text-bad">
            {last_problem.message} <RelativeTime at={last_problem.at} className="text-muted" />
          </span>
        )}
      </div>
      <Switch
        label={t('enabled', { model })}
        hideLabel
        checked={enable.isPending ? enable.variables : schedule.enabled}
        onChange={(isOn) => enable.mutate(isOn)}
      />
      <div className="flex max-sm:flex-col">
        <IconButton label={t('edit', { model })} size="small" onClick={onEdit}>
          <Pencil className="size-4" />
        </IconButton>
        <IconButton label={t('delete', { model })} size="small" onClick={() => remove.mutate()}>
          <Trash2 className="size-4" />
        </IconButton>
      </div>
    </li>
  )
}

type Trouble = 'noProvider' | 'noModel' | 'cannot' | 'off'

/** Why nothing can be loaded, as far as that is known before it is tried. */
function troubleOf(model: string, provider: Provider | undefined, listed: ListedModels): Trouble | null {
  if (provider === undefined) return 'noProvider'
  if (!provider.enabled) return 'off'
  if (!provider.acts.includes('load')) return 'cannot'
  const isListed = listed.providers.some(
    (one) => one.slug === provider.slug && one.state === 'ok' && one.age_s !== null,
  )
  return isListed && listed.models.every((one) => one.id !== model) ? 'noModel' : null
}

function slugOf(model: string): string {
  return model.slice(0, model.indexOf('/'))
}

/** `Mon–Fri · 08:00–18:00 · then unloaded`, with the time zone where it is not the reader's. */
function Times({ schedule }: { schedule: ModelSchedule }) {
  const { t, i18n } = useTranslation('schedules')
  const parts = [
    schedule.days.length === WEEK.length ? t('everyDay') : daysInWords(schedule.days, i18n.language),
    schedule.from === schedule.until ? t('allDay') : `${schedule.from}–${schedule.until}`,
  ]
  if (schedule.time_zone !== ownZone()) parts.push(schedule.time_zone)
  if (schedule.unload_after) parts.push(t('unloaded'))
  return <span className="text-13 text-muted">{parts.join(' · ')}</span>
}

/** How it is loaded, where that is not left to the provider. */
function Wishes({ schedule }: { schedule: ModelSchedule }) {
  const { t, i18n } = useTranslation('schedules')
  const { t: tLoad } = useTranslation('lifecycle')
  const { context_length, exclusive, ...options } = schedule.load
  const parts = Object.entries(options).map(([name, value]) => {
    const words = typeof value === 'boolean' ? tLoad(value ? 'form.yes' : 'form.no') : String(value)
    return `${optionWords(name, tLoad).label}: ${words}`
  })
  if (exclusive) parts.unshift(t('alone'))
  if (context_length != null) parts.unshift(t('context', { tokens: wholeNumber(context_length, i18n.language) }))
  if (parts.length === 0) return null
  return <span className="text-13 text-muted">{parts.join(' · ')}</span>
}

function Now({ state }: { state: ListedModels['models'][number]['state'] | undefined }) {
  const { t } = useTranslation('schedules')
  const now = state === 'loaded' || state === 'loading' ? state : 'due'
  const dot = { loaded: 'filled', loading: 'half', due: 'hollow' } as const
  return (
    <span className="flex items-center gap-2 text-13">
      <StateDot state={dot[now]} />
      {t(`now.${now}`)}
    </span>
  )
}
