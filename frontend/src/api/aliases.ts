// Other names for models, for administrators.
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type Alias = Schemas['AliasOut']

const MOST = 200

export const aliasQueries = {
  all: () => ['aliases'] as const,
  list: () =>
    queryOptions({
      queryKey: aliasQueries.all(),
      queryFn: async ({ signal }) =>
        (await unwrap(gateway.GET('/api/v1/aliases', { params: { query: { limit: MOST } }, signal }))).items,
    }),
}

export function createAlias(name: string, model: string): Promise<Alias> {
  return unwrap(gateway.POST('/api/v1/aliases', { body: { name, targets: [{ model, weight: 1 }], enabled: true } }))
}

export function changeAlias(id: string, changes: { enabled: boolean }): Promise<Alias> {
  return unwrap(gateway.PATCH('/api/v1/aliases/{id}', { params: { path: { id } }, body: changes }))
}

export async function deleteAlias(id: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/aliases/{id}', { params: { path: { id } } }))
}
