import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Boxes, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { isRunning } from '../../api/lifecycle'
import { type ListedModel, modelQueries, refreshModels } from '../../api/models'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { OperationLine } from '../../parts/lifecycle/operation-line'
import { useLifecycle } from '../../parts/lifecycle/use-lifecycle'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { SearchField } from '../../ui/search-field'
import { SkeletonRows } from '../../ui/skeleton'
import { useToast } from '../../ui/toast'
import { Aliases } from './aliases'
import { DownloadButton } from './download-button'
import { ModelDetail } from './model-detail'
import { ModelTable } from './model-table'
import { Schedules } from './schedules'

/** Every model of every provider, with what it can do and how it is. */
export function ModelsScreen() {
  const { t } = useTranslation(['models', 'lifecycle'])
  const me = useMe()
  const models = useQuery(modelQueries.list())
  const [text, setText] = useState('')
  const lifecycle = useLifecycle()
  const running = lifecycle.operations.filter(isRunning)
  const [shown, setShown] = useState<ListedModel | null>(null)
  const rows = models.data?.models.filter((model) => matches(model, text)) ?? []
  return (
    <Page
      title={t('title')}
      description={t('description')}
      actions={
        <>
          <DownloadButton lifecycle={lifecycle} />
          <RefreshButton />
        </>
      }
    >
      {models.isPending && <SkeletonRows label={t('loading')} rows={8} />}
      {models.isError && <Failure title={t('failed')} error={models.error} onRetry={() => void models.refetch()} />}
      {models.data?.models.length === 0 && (
        <Empty icon={<Boxes />} title={t('empty.title')}>
          {t('empty.text')}
        </Empty>
      )}
      {models.data && models.data.models.length > 0 && (
        <div className="grid gap-3">
          <SearchField label={t('search')} value={text} onChange={(event) => setText(event.target.value)} />
          {rows.length > 0 ? (
            <ModelTable models={rows} defaults={models.data.defaults} lifecycle={lifecycle} onShow={setShown} />
          ) : (
            <p className="py-8 text-center text-muted">{t('noneFound', { text })}</p>
          )}
        </div>
      )}
      {isAdmin(me) && <Aliases />}
      {isAdmin(me) && <Schedules />}
      {running.length > 0 && (
        // At the window's foot: what has begun moves nothing under the pointer.
        <section
          aria-label={t('lifecycle:running')}
          className="sticky bottom-4 z-10 grid max-h-[40dvh] gap-4 overflow-y-auto rounded-card border border-line bg-surface-1 p-4 shadow-float"
        >
          {running.map((operation) => (
            <OperationLine key={operation.id} operation={operation} onStopped={lifecycle.look} />
          ))}
        </section>
      )}
      <ModelDetail model={shown} onClose={() => setShown(null)} />
    </Page>
  )
}

function matches(model: ListedModel, text: string): boolean {
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => `${model.id} ${model.name} ${model.type} ${model.quantization ?? ''}`.toLowerCase().includes(word))
}

function RefreshButton() {
  const { t } = useTranslation('models')
  const queries = useQueryClient()
  const show = useToast()
  const [isBusy, setIsBusy] = useState(false)
  const refresh = async () => {
    setIsBusy(true)
    try {
      await refreshModels()
    } catch (error) {
      show({ tone: 'bad', text: error instanceof Error ? error.message : String(error) })
    }
    await queries.invalidateQueries({ queryKey: modelQueries.all() })
    setIsBusy(false)
  }
  return (
    <Button busy={isBusy} onClick={() => void refresh()}>
      <RefreshCw aria-hidden="true" className="size-4" />
      {t('refresh')}
    </Button>
  )
}
