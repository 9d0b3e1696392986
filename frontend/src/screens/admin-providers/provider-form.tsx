import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/client'
import { modelQueries } from '../../api/models'
import {
  changeProvider,
  createProvider,
  type Edited,
  type Preset,
  type Provider,
  providerQueries,
  testDraft,
  testProvider,
} from '../../api/providers'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Ladder } from '../../parts/ladder/ladder'
import { Button } from '../../ui/button'
import { useToast } from '../../ui/toast'
import { AdvancedFields } from './advanced-fields'
import { ConnectionFields } from './connection-fields'
import { changesOf, draftOf, type FormState } from './form-state'
import { ModelFields } from './model-fields'

interface ProviderFormProps {
  start: FormState
  preset?: Preset
  /** The provider that is changed; a new one is made without it. */
  stored?: Provider
  onReload?: () => void
}

export function ProviderForm({ start, preset, stored, onReload }: ProviderFormProps) {
  const { t } = useTranslation('providers')
  const me = useMe()
  const [state, setState] = useState(start)
  const set = (changes: Partial<FormState>) => setState((before) => ({ ...before, ...changes }))
  const draft = (of: FormState) => draftOf(of, isAdmin(me))

  const test = useMutation({
    mutationFn: (of: FormState) => (stored ? testProvider(stored.slug, changesOf(start, of)) : testDraft(draft(of))),
  })
  const save = useSaving(() =>
    stored ? changeProvider(stored.slug, changesOf(start, state), stored.version) : createProvider(draft(state)),
  )
  const error = save.error ?? test.error
  const problems = error instanceof ApiError ? error : undefined
  const isStale = problems?.code === 'version_mismatch'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const repair = (baseUrl: string) => {
    const repaired = { ...state, baseUrl }
    setState(repaired)
    test.mutate(repaired)
  }
  const shared = { state, set, problem: (field: string) => problems?.problemOf(field) }
  return (
    <form onSubmit={submit} className="grid gap-6">
      <ConnectionFields {...shared} start={start} preset={preset} stored={stored} />
      <div className="grid gap-3">
        <Button className="justify-self-start" busy={test.isPending} onClick={() => test.mutate(state)}>
          {t('testConnection')}
        </Button>
        <Ladder report={test.data} busy={test.isPending} onRepair={repair} />
      </div>
      <ModelFields {...shared} stored={stored} />
      <AdvancedFields {...shared} stored={stored} />
      {isStale && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-3 rounded-card border border-warn bg-warn-soft p-3"
        >
          <p className="grow">{t('stale')}</p>
          <Button size="small" onClick={onReload}>
            {t('reload')}
          </Button>
        </div>
      )}
      {error && !isStale && (
        <p role="alert" className="text-bad">
          {problems && problems.details.length > 0 ? t('checkFields') : error.message}
        </p>
      )}
      <div className="sticky bottom-0 -mx-1 flex justify-end gap-2 border-line border-t bg-surface-0 px-1 py-3">
        <Button type="submit" look="primary" busy={save.isPending}>
          {stored ? t('save') : t('add')}
        </Button>
      </div>
    </form>
  )
}

function useSaving(save: () => Promise<Provider | Edited>) {
  const { t } = useTranslation('providers')
  const queries = useQueryClient()
  const navigate = useNavigate()
  const show = useToast()
  return useMutation({
    mutationFn: save,
    onSuccess: (provider) => {
      void queries.invalidateQueries({ queryKey: providerQueries.all() })
      void queries.invalidateQueries({ queryKey: modelQueries.all() })
      const notices = 'notices' in provider ? provider.notices : []
      show({ text: [t('saved', { name: provider.name }), ...notices].join(' ') })
      void navigate({ to: '/admin/providers' })
    },
  })
}
