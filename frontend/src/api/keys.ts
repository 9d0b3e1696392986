// API keys: one's own, and for administrators everybody's.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type Key = Schemas['KeyOut']
export type NewKey = Schemas['NewKeyOut']
export type KeyDraft = Schemas['KeyIn']
export type KeyChanges = Schemas['KeyPatch']

const LIMIT = 100

export const keyQueries = {
  all: () => ['keys'] as const,
  list: () =>
    infiniteQueryOptions({
      queryKey: keyQueries.all(),
      queryFn: ({ pageParam, signal }) =>
        unwrap(gateway.GET('/api/v1/api-keys', { params: { query: { limit: LIMIT, cursor: pageParam } }, signal })),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor,
    }),
}

/** The answer is the only one that holds the key itself. */
export function createKey(draft: KeyDraft): Promise<NewKey> {
  return unwrap(gateway.POST('/api/v1/api-keys', { body: draft }))
}

export function changeKey(id: string, changes: KeyChanges): Promise<Key> {
  return unwrap(gateway.PATCH('/api/v1/api-keys/{id}', { params: { path: { id } }, body: changes }))
}

/** Another key for the same settings; the old one ends at once. */
export function rotateKey(id: string): Promise<NewKey> {
  return unwrap(gateway.POST('/api/v1/api-keys/{id}/rotate', { params: { path: { id } } }))
}

export async function revokeKey(id: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }))
}
