// Models: what there is to choose from and what each takes (docs/api.md, "Models by name").
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type Parameter = Schemas['ParameterOut']
/** A model with its limits and what it takes. */
export type Model = Schemas['DetailedModelOut']
/** A model as the list has it. */
export type ListedModel = Omit<Model, keyof Detail>
type Detail = Pick<
  Model,
  | 'max_output_tokens'
  | 'owned_by'
  | 'size_bytes'
  | 'memory_estimate_bytes'
  | 'acts'
  | 'instances'
  | 'time_to_live'
  | 'operation'
  | 'parameters'
>
export type Listing = Schemas['ListingOut']

/** Everything the caller may use, as far as the gateway knows it now. */
export interface ListedModels {
  models: ListedModel[]
  aliases: Schemas['ModelAliasOut'][]
  defaults: Schemas['DefaultNamesOut']
  providers: Listing[]
}

const FRESH_MS = 5000
const DETAIL_FRESH_MS = 60_000

export const modelQueries = {
  all: () => ['models'] as const,

  /** Comes at once, however many providers are down: the gateway answers with what it knows and asks on. */
  list: () =>
    queryOptions({
      queryKey: [...modelQueries.all(), 'list'],
      queryFn: ({ signal }): Promise<ListedModels> =>
        unwrap(gateway.GET('/api/v1/llm-providers/models', { params: { query: { wait: false } }, signal })),
      staleTime: FRESH_MS,
    }),

  /** By canonical name or alias. */
  detail: (id: string) =>
    queryOptions({
      queryKey: [...modelQueries.all(), 'detail', id],
      queryFn: ({ signal }): Promise<Model> =>
        unwrap(gateway.GET('/api/v1/llm-providers/models/{model_id}', { params: { path: { model_id: id } }, signal })),
      staleTime: DETAIL_FRESH_MS,
    }),
}

/** Asks every provider for its list anew. */
export async function refreshModels(): Promise<void> {
  await unwrap(gateway.GET('/api/v1/llm-providers/models', { params: { query: { refresh: true } } }))
}
