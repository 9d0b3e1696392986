import { useQuery } from '@tanstack/react-query'
import { type Model, modelQueries } from '../../api/models'
import { useCatalog } from '../model-picker/use-catalog'
import { changedCount, type Values } from './values'

export interface FoundModel {
  model: Model | null
  /** Why it could not be had. */
  error: Error | null
  /** There is no default model, and none was chosen. */
  isMissing: boolean
  retry: () => void
}

/** The model with what it takes; null stands for the default one. The last one stays while another is asked for. */
export function useModel(id: string | null): FoundModel {
  const { catalog } = useCatalog()
  const wanted = id ?? catalog?.fallback?.id ?? null
  const { data, error, refetch } = useQuery({
    ...modelQueries.detail(wanted ?? ''),
    enabled: wanted !== null,
    placeholderData: (before) => before,
  })
  return {
    model: data ?? null,
    error,
    isMissing: wanted === null && catalog !== null,
    retry: () => void refetch(),
  }
}

/** How many things a conversation changes, for the button that opens the panel. */
export function useChangedCount(model: string | null, values: Values, systemPrompt: string | null): number {
  return changedCount(useModel(model).model, values, systemPrompt)
}
