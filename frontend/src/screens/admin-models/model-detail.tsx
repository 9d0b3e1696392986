import { useQuery } from '@tanstack/react-query'
import { type ListedModel, type Model, modelQueries, type Parameter } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { duration, fileSize, wholeNumber } from '../../lib/format'
import { exactTime } from '../../lib/relative-time'
import { CopyButton } from '../../ui/copy-button'
import { Failure } from '../../ui/failure'
import { SideSheet } from '../../ui/side-sheet'
import { SkeletonRows } from '../../ui/skeleton'
import { type Column, Table } from '../../ui/table'

/** One model's limits, and each parameter with its bounds and what becomes of it. */
export function ModelDetail({ model, onClose }: { model: ListedModel | null; onClose: () => void }) {
  return (
    <SideSheet open={model !== null} onOpenChange={onClose} title={model?.name ?? ''} place="over">
      {model && <Facts id={model.id} />}
    </SideSheet>
  )
}

function Facts({ id }: { id: string }) {
  const { t, i18n } = useTranslation('models')
  const detail = useQuery(modelQueries.detail(id))
  if (detail.isPending) return <SkeletonRows label={t('loading')} />
  if (detail.isError) {
    return <Failure title={t('failedOne')} error={detail.error} onRetry={() => void detail.refetch()} />
  }
  const model = detail.data
  const tokens = (value: number | null) => (value === null ? t('unknown') : wholeNumber(value, i18n.language))
  const bytes = (value: number | null) => (value === null ? t('unknown') : fileSize(value, i18n.language))
  const facts: readonly [string, string][] = [
    [t('detail.context'), tokens(model.max_context_length)],
    [t('detail.loadedContext'), tokens(model.loaded_context_length)],
    [t('detail.output'), tokens(model.max_output_tokens)],
    [t('detail.arch'), model.arch ?? t('unknown')],
    [t('detail.size'), bytes(model.size_bytes)],
    [t('detail.memory'), bytes(model.memory_estimate_bytes)],
  ]
  return (
    <div className="grid gap-6">
      <p className="flex items-center gap-2">
        <code className="min-w-0 break-all font-mono text-13">{model.id}</code>
        <CopyButton text={model.id} />
      </p>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="text-right tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {model.state === 'not-loaded' && model.loads_on_use !== null && (
        <p>{t(model.loads_on_use ? 'detail.onUse.yes' : 'detail.onUse.no')}</p>
      )}
      {(model.instances.length > 0 || model.time_to_live) && (
        <section className="grid gap-2">
          <h3 className="font-medium">{t('detail.instances')}</h3>
          <ul className="grid gap-1 text-13">
            {model.instances.map((one) => (
              <li key={one.id} className="flex justify-between gap-4">
                <code className="min-w-0 break-all font-mono">{one.id}</code>
                <span className="text-muted tabular-nums">{tokens(one.context_length)}</span>
              </li>
            ))}
          </ul>
          {model.time_to_live && <Stay ttl={model.time_to_live} />}
        </section>
      )}
      <Parameters parameters={model.parameters} />
    </div>
  )
}

/** What was ordered, and when: what other programs have done with the model since, nobody tells. */
function Stay({ ttl }: { ttl: NonNullable<Model['time_to_live']> }) {
  const { t, i18n } = useTranslation('models')
  return (
    <p className="text-13 text-muted">
      {t('detail.ttl', {
        idle: duration(ttl.seconds * 1000, i18n.language),
        since: exactTime(new Date(ttl.since), i18n.language),
      })}
    </p>
  )
}

function Parameters({ parameters }: { parameters: readonly Parameter[] }) {
  const { t } = useTranslation('models')
  const columns: Column<Parameter>[] = [
    { id: 'name', header: t('parameter.name'), cell: (one) => <code className="font-mono text-13">{one.name}</code> },
    { id: 'range', header: t('parameter.range'), cell: range },
    { id: 'default', header: t('parameter.default'), cell: (one) => (one.default == null ? '' : String(one.default)) },
    { id: 'treatment', header: t('parameter.treatment'), cell: (one) => t(`treatment.${one.treatment}`) },
  ]
  return (
    <section className="grid gap-2">
      <h3 className="font-medium">{t('parameter.title')}</h3>
      <Table label={t('parameter.title')} columns={columns} rows={parameters} rowKey={(one) => one.name} />
    </section>
  )
}

function range({ choices, minimum, maximum, type }: Parameter): string {
  if (choices) return choices.join(', ')
  if (minimum === null && maximum === null) return type
  return `${minimum ?? '…'} – ${maximum ?? '…'}`
}
