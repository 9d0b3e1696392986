import { useQuery } from '@tanstack/react-query'
import type { Operation } from '../../api/lifecycle'
import type { ListedModel, ListedModels } from '../../api/models'
import { providerQueries } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { contextLength } from '../../lib/format'
import { percent } from '../../parts/lifecycle/operation-line'
import type { Lifecycle } from '../../parts/lifecycle/use-lifecycle'
import { Badge } from '../../ui/badge'
import { CableDot } from '../../ui/cable-dot'
import { type DotState, StateDot } from '../../ui/state-dot'
import { type Column, Table } from '../../ui/table'
import { ModelActs } from './model-acts'

const DOTS: Record<ListedModel['state'], DotState> = {
  loaded: 'filled',
  loading: 'half',
  'not-loaded': 'hollow',
  remote: 'ring',
}

interface ModelTableProps {
  models: readonly ListedModel[]
  defaults: ListedModels['defaults']
  lifecycle: Lifecycle
  onShow: (model: ListedModel) => void
}

export function ModelTable({ models, defaults, lifecycle, onShow }: ModelTableProps) {
  const { t } = useTranslation(['models', 'lifecycle'])
  const columns: Column<ListedModel>[] = [
    {
      id: 'name',
      header: t('column.name'),
      cell: (model) => <ModelName model={model} defaults={defaults} onShow={onShow} />,
    },
    { id: 'provider', header: t('column.provider'), cell: (model) => <ProviderName slug={model.provider} /> },
    {
      id: 'state',
      header: t('column.state'),
      cell: (model) => <ModelState model={model} operation={lifecycle.running(model.id)} />,
    },
    { id: 'abilities', header: t('column.abilities'), cell: (model) => <Abilities model={model} /> },
    {
      id: 'context',
      header: t('column.context'),
      numeric: true,
      cell: (model) => {
        const tokens = model.loaded_context_length ?? model.max_context_length
        return tokens === null ? '' : contextLength(tokens)
      },
    },
    {
      id: 'acts',
      header: <span className="sr-only">{t('lifecycle:column')}</span>,
      cell: (model) => <ModelActs model={model} lifecycle={lifecycle} />,
      className: 'w-0',
    },
  ]
  return <Table label={t('title')} columns={columns} rows={models} rowKey={(model) => model.id} />
}

/** While it is loaded as far as that is known; a model that another program loads reads `loading` too. */
function ModelState({ model, operation }: { model: ListedModel; operation: Operation | undefined }) {
  const { t, i18n } = useTranslation('models')
  const isLoading = operation?.act === 'load' || model.state === 'loading'
  const state = isLoading ? 'loading' : model.state
  const fraction = operation?.progress.fraction
  return (
    <div className="grid whitespace-nowrap max-sm:justify-items-end">
      <span className="flex items-center gap-2">
        <StateDot state={DOTS[state]} />
        {t(`state.${state}`)}
        {isLoading && fraction != null && <span className="tabular-nums">{percent(fraction, i18n.language)}</span>}
      </span>
      {state === 'not-loaded' && model.loads_on_use !== null && (
        <span className="block text-13 text-muted">{t(model.loads_on_use ? 'onUse.yes' : 'onUse.no')}</span>
      )}
    </div>
  )
}

function ModelName({ model, defaults, onShow }: { model: ListedModel } & Pick<ModelTableProps, 'defaults' | 'onShow'>) {
  const { t } = useTranslation('models')
  const tasks = (['chat', 'vision', 'embedding'] as const).filter((task) => defaults[task] === model.id)
  return (
    <div className="max-sm:-mt-2 flex flex-wrap items-center gap-x-2 gap-y-1">
      <button
        type="button"
        onClick={() => onShow(model)}
        className="min-h-9 rounded-control text-left font-medium hover:underline"
      >
        {model.name}
      </button>
      {model.quantization !== null && <span className="text-13 text-muted">{model.quantization}</span>}
      {tasks.map((task) => (
        <Badge key={task} tone="accent">
          {t(`default.${task}`)}
        </Badge>
      ))}
    </div>
  )
}

function ProviderName({ slug }: { slug: string }) {
  const { data } = useQuery(providerQueries.list())
  const provider = data?.find((one) => one.slug === slug)
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <CableDot cable={provider?.cable} />
      {provider?.name ?? slug}
    </span>
  )
}

/** What not every language model can. */
function isTelling(ability: string): boolean {
  return !['chat', 'completion', 'embedding'].includes(ability)
}

function Abilities({ model }: { model: ListedModel }) {
  const { t } = useTranslation('models')
  const abilities = model.type === 'embeddings' ? ['embeddings'] : model.capabilities.filter(isTelling)
  if (abilities.length === 0) return null
  return (
    <div className="flex flex-wrap gap-1 max-sm:justify-end">
      {abilities.map((ability) => (
        <Badge key={ability}>{t(`ability.${ability}`, { defaultValue: ability })}</Badge>
      ))}
    </div>
  )
}
