import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ArrowRight, Trash2 } from 'lucide-react'
import { type Alias, aliasQueries, changeAlias, createAlias, deleteAlias } from '../../api/aliases'
import { modelQueries } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { Failure } from '../../ui/failure'
import { IconButton } from '../../ui/icon-button'
import { Section } from '../../ui/page'
import { Switch } from '../../ui/switch'
import { useToast } from '../../ui/toast'
import { AliasForm } from './alias-form'

/** Other names under which models can be called. */
export function Aliases() {
  const { t } = useTranslation('models')
  const aliases = useQuery(aliasQueries.list())
  return (
    <Section title={t('aliases.title')} description={t('aliases.text')}>
      {aliases.isError && (
        <Failure title={t('aliases.failed')} error={aliases.error} onRetry={() => void aliases.refetch()} />
      )}
      {aliases.data?.length === 0 && <p className="text-13 text-muted">{t('aliases.none')}</p>}
      <ul className="grid empty:hidden">
        {aliases.data?.map((alias) => (
          <AliasRow key={alias.id} alias={alias} />
        ))}
      </ul>
      <AliasForm />
    </Section>
  )
}

function AliasRow({ alias }: { alias: Alias }) {
  const { t } = useTranslation('models')
  const queries = useQueryClient()
  const show = useToast()
  const target = alias.targets[0]?.model ?? ''
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: aliasQueries.all() })
    void queries.invalidateQueries({ queryKey: modelQueries.all() })
  }
  const say = (error: Error) => show({ tone: 'bad', text: error.message })
  const enable = useMutation({
    mutationFn: (enabled: boolean) => changeAlias(alias.id, { enabled }),
    onError: say,
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: () => deleteAlias(alias.id),
    onSuccess: () =>
      show({
        text: t('aliases.deleted', { name: alias.name }),
        action: { label: t('aliases.undo'), onSelect: () => void createAlias(alias.name, target).then(refresh, say) },
      }),
    onError: say,
    onSettled: refresh,
  })
  return (
    <li className="flex flex-wrap items-center gap-3 border-line border-b py-1.5 last:border-0">
      <span className="font-medium">{alias.name}</span>
      <ArrowRight aria-hidden="true" className="size-4 text-muted" />
      <code className="min-w-0 grow break-all font-mono text-13">{target}</code>
      <Switch
        label={t('aliases.enabled', { name: alias.name })}
        hideLabel
        checked={alias.enabled}
        onChange={(isOn) => enable.mutate(isOn)}
      />
      <IconButton label={t('aliases.delete', { name: alias.name })} size="small" onClick={() => remove.mutate()}>
        <Trash2 className="size-4" />
      </IconButton>
    </li>
  )
}
