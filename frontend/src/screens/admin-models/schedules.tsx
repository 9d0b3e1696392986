import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  type ModelSchedule,
  scheduleQueries,
} from '../../api/model-schedules'
import { useTranslation } from '../../i18n/use-translation'
import { Failure } from '../../ui/failure'
import { IconButton } from '../../ui/icon-button'
import { Section } from '../../ui/page'
import { RelativeTime } from '../../ui/relative-time'
import { Switch } from '../../ui/switch'
import { useToast } from '../../ui/toast'
import { ScheduleForm } from './schedule-form'
import { WEEK, weekdayName } from './weekdays'

/** When models are kept loaded. */
export function Schedules() {
  const { t } = useTranslation('models')
  const schedules = useQuery(scheduleQueries.list())
  return (
    <Section title={t('schedules.title')} description={t('schedules.text')}>
      {schedules.isError && (
        <Failure title={t('schedules.failed')} error={schedules.error} onRetry={() => void schedules.refetch()} />
      )}
      {schedules.data?.length === 0 && <p className="text-13 text-muted">{t('schedules.none')}</p>}
      <ul className="grid empty:hidden">
        {schedules.data?.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} />
        ))}
      </ul>
      <ScheduleForm />
    </Section>
  )
}

function ScheduleRow({ schedule }: { schedule: ModelSchedule }) {
  const { t } = useTranslation('models')
  const queries = useQueryClient()
  const show = useToast()
  const { id, is_due, last_problem, ...kept } = schedule
  const { model } = kept
  const refresh = () => void queries.invalidateQueries({ queryKey: scheduleQueries.all() })
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
        text: t('schedules.deleted', { model }),
        action: { label: t('schedules.undo'), onSelect: () => void createSchedule(kept).then(refresh, say) },
      }),
    onError: say,
    onSettled: refresh,
  })
  return (
    <li className="flex items-center gap-3 border-line border-b py-1.5 last:border-0">
      <div className="grid min-w-0 grow gap-0.5">
        <code className="break-all font-mono text-13">{model}</code>
        <span className="text-13 text-muted">
          <Times schedule={schedule} />
          {is_due && ` · ${t('schedules.due')}`}
        </span>
        {last_problem && (
          <span className="text-13 text-bad">
            {last_problem.message} <RelativeTime at={last_problem.at} className="text-muted" />
          </span>
        )}
      </div>
      <Switch
        label={t('schedules.enabled', { model })}
        hideLabel
        checked={schedule.enabled}
        onChange={(isOn) => enable.mutate(isOn)}
      />
      <IconButton label={t('schedules.delete', { model })} size="small" onClick={() => remove.mutate()}>
        <Trash2 className="size-4" />
      </IconButton>
    </li>
  )
}

/** `Mon, Tue · 08:00–18:00 · Europe/Berlin · then unloaded`. */
function Times({ schedule }: { schedule: ModelSchedule }) {
  const { t, i18n } = useTranslation('models')
  const days = schedule.days.map((day) => weekdayName(day, i18n.language, 'short')).join(', ')
  const parts = [
    schedule.days.length === WEEK.length ? t('schedules.everyDay') : days,
    schedule.from === schedule.until ? t('schedules.allDay') : `${schedule.from}–${schedule.until}`,
    schedule.time_zone,
  ]
  if (schedule.unload_after) parts.push(t('schedules.unloaded'))
  return parts.join(' · ')
}
