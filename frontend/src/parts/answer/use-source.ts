import { useCatalog } from '../model-picker/use-catalog'

/** Who answers or answered, in words; a model or provider that is gone keeps what its id says. */
export interface AnswerSource {
  /** Empty where nobody knows. */
  modelName: string
  providerName: string | null
  cable: number | null
  /** The model is being loaded now. */
  isLoading: boolean
}

interface SourceOptions {
  /** Nobody was named: the default model is the one that answers now. It says nothing about older answers. */
  orDefault?: boolean
  /** Something is about to change: look often. */
  isWatched?: boolean
}

/** `provider` is its slug, where that is known apart from the model. */
export function useSource(
  modelId: string | null,
  provider: string | null,
  { orDefault = false, isWatched = false }: SourceOptions = {},
): AnswerSource {
  const { catalog } = useCatalog({ isWatched })
  const fallback = orDefault ? catalog?.fallback : null
  const entry = modelId === null ? fallback : catalog?.byId.get(modelId)
  const slug = provider ?? entry?.source.slug
  const source = catalog?.sources.find((one) => one.slug === slug)
  return {
    modelName: entry?.model.name ?? nameOf(modelId, slug),
    providerName: source?.name ?? slug ?? null,
    cable: source?.cable ?? null,
    isLoading: entry?.state === 'loading',
  }
}

/** The canonical name without the provider, which stands beside it. */
function nameOf(modelId: string | null, slug: string | undefined): string {
  if (modelId === null) return ''
  return slug !== undefined && modelId.startsWith(`${slug}/`) ? modelId.slice(slug.length + 1) : modelId
}
