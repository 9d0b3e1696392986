import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import {
  type Act,
  isRunning,
  type LoadWish,
  loadModel,
  type Operation,
  operationQueries,
  unloadModel,
} from '../../api/lifecycle'
import { modelQueries } from '../../api/models'
import { providerQueries } from '../../api/providers'
import { isAdmin, useMay, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { useToast } from '../../ui/toast'

const NONE: readonly Operation[] = []

/** Loading and unloading of models: who may, what runs, and how it came out. */
export function useLifecycle() {
  const { t } = useTranslation('lifecycle')
  const queries = useQueryClient()
  const show = useToast()
  const isAdministrator = isAdmin(useMe())
  const may = useMay('load_models') || isAdministrator
  const { data: operations = NONE } = useQuery({ ...operationQueries.recent(), enabled: may })
  const { data: providers } = useQuery({ ...providerQueries.list(), enabled: may })
  const say = (error: Error) => show({ tone: 'bad', text: error.message })
  const look = () => {
    void queries.invalidateQueries({ queryKey: operationQueries.all() })
    void queries.invalidateQueries({ queryKey: modelQueries.all() })
  }
  const load = useMutation({
    mutationFn: ({ model, wish }: { model: string; wish: LoadWish }) => loadModel(model, wish),
    onError: say,
    onSettled: look,
  })
  const unload = useMutation({ mutationFn: unloadModel, onError: say, onSettled: look })
  useEnded(operations, (operation) => {
    void queries.invalidateQueries({ queryKey: modelQueries.all() })
    if (operation.state === 'failed') {
      const text = t(`failed.${operation.act}`, { model: operation.model, why: operation.error?.message ?? '' })
      show({ tone: 'bad', text })
    }
  })
  return {
    operations,
    running: (model: string) => operations.find((one) => isRunning(one) && one.model === model),
    /** Whether this person may, and the provider's kind can. */
    can(act: Act, slug: string): boolean {
      const acts = providers?.find((provider) => provider.slug === slug)?.acts ?? []
      return acts.includes(act) && (act === 'load' || act === 'unload' ? may : isAdministrator)
    },
    providers,
    load: (model: string, wish: LoadWish = {}) => load.mutate({ model, wish }),
    unload: (model: string) => unload.mutate(model),
    look,
  }
}

export type Lifecycle = ReturnType<typeof useLifecycle>

/** Calls for each operation that was seen running and runs no more. */
function useEnded(operations: readonly Operation[], onEnd: (operation: Operation) => void) {
  const watched = useRef(new Set<string>())
  const tell = useRef(onEnd)
  tell.current = onEnd
  useEffect(() => {
    for (const operation of operations) {
      if (isRunning(operation)) watched.current.add(operation.id)
      else if (watched.current.delete(operation.id)) tell.current(operation)
    }
  }, [operations])
}
