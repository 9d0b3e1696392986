// Providers: the connections that answer, their presets, tests and history.
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

const MOST = 200

export type Provider = Schemas['ProviderOut']
export type ProviderDraft = Schemas['ProviderIn']
export type ProviderChanges = Schemas['ProviderPatch']
export type Preset = Schemas['PresetOut']
export type Found = Schemas['FoundOut']
export type LadderReport = Schemas['LadderOut']

export const providerQueries = {
  all: () => ['providers'] as const,
  list: () =>
    queryOptions({
      queryKey: [...providerQueries.all(), 'list'] as const,
      queryFn: async ({ signal }) => {
        const { items } = await unwrap(
          gateway.GET('/api/v1/llm-providers', { params: { query: { limit: MOST } }, signal }),
        )
        return items
      },
    }),
  detail: (slug: string) =>
    queryOptions({
      queryKey: [...providerQueries.all(), 'detail', slug] as const,
      queryFn: ({ signal }) =>
        unwrap(gateway.GET('/api/v1/llm-providers/{id}', { params: { path: { id: slug } }, signal })),
    }),
  presets: () =>
    queryOptions({
      queryKey: [...providerQueries.all(), 'presets'] as const,
      queryFn: async ({ signal }) => (await unwrap(gateway.GET('/api/v1/llm-providers/presets', { signal }))).items,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** Servers on this machine, or on a private network such as `192.168.1.0/24`. */
  discovered: (network?: string) =>
    queryOptions({
      queryKey: [...providerQueries.all(), 'discovered', network ?? ''] as const,
      queryFn: async ({ signal }) => {
        const query = network === undefined ? {} : { network }
        return (await unwrap(gateway.GET('/api/v1/llm-providers/discover', { params: { query }, signal }))).items
      },
      staleTime: 0,
    }),
}

export type Edited = Schemas['EditedOut']
export type Version = Schemas['VersionOut']

/** `version` is the one that was looked at; when there is a newer one, rejects with `version_mismatch`. */
export function changeProvider(slug: string, changes: ProviderChanges, version: number): Promise<Edited> {
  return unwrap(
    gateway.PATCH('/api/v1/llm-providers/{id}', {
      params: { path: { id: slug } },
      headers: { 'If-Match': `"${version}"` },
      body: changes,
    }),
  )
}

export async function deleteProvider(slug: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/llm-providers/{id}', { params: { path: { id: slug } } }))
}

/** Makes it the default one. */
export function activateProvider(slug: string): Promise<Provider> {
  return unwrap(gateway.POST('/api/v1/llm-providers/{id}/activate', { params: { path: { id: slug } } }))
}

/** Tries a stored provider, with changes that are not stored; its key comes from the gateway's store. */
export function testProvider(slug: string, changes: ProviderChanges = {}): Promise<LadderReport> {
  return unwrap(
    gateway.POST('/api/v1/llm-providers/{id}/test', {
      params: { path: { id: slug } },
      body: { ...changes, completion: false },
    }),
  )
}

export async function versionsOf(slug: string): Promise<Version[]> {
  const page = await unwrap(
    gateway.GET('/api/v1/llm-providers/{id}/versions', { params: { path: { id: slug }, query: { limit: MOST } } }),
  )
  return page.items
}

export function rollBack(slug: string, version: number): Promise<Edited> {
  return unwrap(
    gateway.POST('/api/v1/llm-providers/{id}/rollback', { params: { path: { id: slug } }, body: { version } }),
  )
}

export function createProvider(draft: ProviderDraft): Promise<Provider> {
  return unwrap(gateway.POST('/api/v1/llm-providers', { body: draft }))
}

/** Tries a provider that is not stored yet, step by step; spends no tokens. */
export function testDraft(draft: ProviderDraft): Promise<LadderReport> {
  return unwrap(gateway.POST('/api/v1/llm-providers/test', { body: { ...draft, completion: false } }))
}
