import { useMutation, useQuery } from '@tanstack/react-query'
import { CalendarClock, Ellipsis, PowerOff, Settings2, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { deleteModel, unloadAll } from '../../api/lifecycle'
import { type ListedModel, modelQueries } from '../../api/models'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import type { Lifecycle } from '../../parts/lifecycle/use-lifecycle'
import { Button } from '../../ui/button'
import { Confirm } from '../../ui/confirm'
import { IconButton } from '../../ui/icon-button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { useToast } from '../../ui/toast'
import { LoadForm } from './load-form'
import { ScheduleForm } from './schedule-form'

/** What this person may do with a model, where its provider can. */
export function ModelActs({ model, lifecycle }: { model: ListedModel; lifecycle: Lifecycle }) {
  const { t } = useTranslation('lifecycle')
  const show = useToast()
  const [asking, setAsking] = useState<'load' | 'schedule' | 'delete' | null>(null)
  const remove = useMutation({
    mutationFn: () => deleteModel(model.id),
    onSuccess: () => show({ text: t('deleted', { model: model.name }) }),
    onError: (error) => show({ tone: 'bad', text: error.message }),
    onSettled: () => {
      setAsking(null)
      lifecycle.look()
    },
  })
  const empty = useMutation({
    mutationFn: () => unloadAll(model.provider),
    onError: (error) => show({ tone: 'bad', text: error.message }),
    onSettled: lifecycle.look,
  })
  const mayPlan = isAdmin(useMe())
  const { data: listed } = useQuery(modelQueries.list())
  const isBusy = lifecycle.running(model.id) !== undefined
  const isLoaded = model.state === 'loaded'
  const mayLoad = lifecycle.can('load', model.provider)
  const mayUnload = lifecycle.can('unload', model.provider)
  // The toy comes with Patchbay and can't be fetched again.
  const mayDelete = lifecycle.can('delete', model.provider) && !model.capabilities.includes('toy')
  const isAnyLoaded = listed?.models.some((one) => one.provider === model.provider && one.state === 'loaded') ?? false
  const provider = lifecycle.providers?.find((one) => one.slug === model.provider)
  if (!mayLoad && !mayUnload && !mayDelete) return null
  return (
    <div className="flex items-center justify-end gap-1">
      {isLoaded
        ? mayUnload && (
            <Button
              size="small"
              aria-label={t('unloadNamed', { model: model.name })}
              busy={isBusy}
              onClick={() => lifecycle.unload(model.id)}
            >
              {t('unload')}
            </Button>
          )
        : mayLoad && (
            <Button
              size="small"
              aria-label={t('loadNamed', { model: model.name })}
              busy={isBusy || model.state === 'loading'}
              onClick={() => lifecycle.load(model.id)}
            >
              {t('load')}
            </Button>
          )}
      <Menu
        trigger={
          <IconButton label={t('acts', { model: model.name })} size="small">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        {mayLoad && (
          <MenuItem icon={<Settings2 />} onSelect={() => setAsking('load')}>
            {t('loadWith')}
          </MenuItem>
        )}
        {mayLoad && mayPlan && provider?.scope === 'shared' && (
          <MenuItem icon={<CalendarClock />} onSelect={() => setAsking('schedule')}>
            {t('schedule')}
          </MenuItem>
        )}
        {mayUnload && isAnyLoaded && (
          <MenuItem icon={<PowerOff />} onSelect={() => empty.mutate()}>
            {t('unloadAll', { provider: provider?.name ?? model.provider })}
          </MenuItem>
        )}
        {mayDelete && (
          <>
            <MenuLine />
            <MenuItem icon={<Trash2 />} danger onSelect={() => setAsking('delete')}>
              {t('delete')}
            </MenuItem>
          </>
        )}
      </Menu>
      {asking === 'load' && provider !== undefined && (
        <LoadForm model={model} provider={provider} onLoad={lifecycle.load} onClose={() => setAsking(null)} />
      )}
      {asking === 'schedule' && <ScheduleForm schedule={null} model={model.id} onClose={() => setAsking(null)} />}
      <Confirm
        open={asking === 'delete'}
        onOpenChange={() => setAsking(null)}
        title={t('deleteTitle', { model: model.name })}
        description={t('deleteText', { provider: provider?.name ?? model.provider })}
        action={t('deleteNow')}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </div>
  )
}
