// Loading, unloading, fetching and deleting models, each an operation that goes on without its watcher (docs/api.md).
import { queryOptions } from '@tanstack/react-query'
import { gateway, openOk, type Schemas, unwrap } from './client'

export type Operation = Schemas['OperationOut']
export type Act = Operation['act']

export interface LoadWish {
  context_length?: number
  exclusive?: boolean
  /** Options of the provider's kind, by its `load_options`. */
  [option: string]: unknown
}

/** Answered at once, with the operation; how it goes on is asked for. */
const WITHOUT_WAITING = { Prefer: 'respond-async' }
const RUNNING_EVERY_MS = 700
const QUIET_EVERY_MS = 10_000
const RECENT = 20

export const operationQueries = {
  all: () => ['operations'] as const,

  /** The newest ones; asked for often while one runs. */
  recent: () =>
    queryOptions({
      queryKey: operationQueries.all(),
      queryFn: async ({ signal }): Promise<Operation[]> => {
        const query = { limit: RECENT }
        return (await unwrap(gateway.GET('/api/v1/llm-providers/models/operations', { params: { query }, signal })))
          .items
      },
      refetchInterval: ({ state }) => (state.data?.some(isRunning) ? RUNNING_EVERY_MS : QUIET_EVERY_MS),
    }),
}

export function isRunning(operation: Operation): boolean {
  return operation.state === 'running'
}

export function loadModel(model: string, wish: LoadWish = {}): Promise<Operation> {
  const body = { exclusive: false, ...wish, model }
  return unwrap(gateway.POST('/api/v1/llm-providers/models/load', { headers: WITHOUT_WAITING, body }))
}

export function unloadModel(model: string): Promise<Operation> {
  const body = { model, unload_all: false }
  return unwrap(gateway.POST('/api/v1/llm-providers/models/unload', { headers: WITHOUT_WAITING, body }))
}

export function unloadAll(provider: string): Promise<Operation> {
  const body = { provider, unload_all: true }
  return unwrap(gateway.POST('/api/v1/llm-providers/models/unload', { headers: WITHOUT_WAITING, body }))
}

export function downloadModel(provider: string, model: string, quantization?: string): Promise<Operation> {
  const body = { provider, model, ...(quantization && { quantization }) }
  return unwrap(gateway.POST('/api/v1/llm-providers/models/download', { headers: WITHOUT_WAITING, body }))
}

export async function deleteModel(model: string): Promise<void> {
  await openOk(`api/v1/llm-providers/models/${encodeURIComponent(model)}`, { method: 'DELETE' })
}

/** Ends what is being done, within seconds. What was downloaded stays for the next order of the same. */
export function stopOperation(id: string): Promise<Operation> {
  return unwrap(gateway.POST('/api/v1/llm-providers/models/operations/{id}/stop', { params: { path: { id } } }))
}
