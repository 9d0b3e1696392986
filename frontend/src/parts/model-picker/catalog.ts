// What there is to choose from, as one value: models a person can chat with, aliases, and the providers they come from.
import type { ListedModel, ListedModels, Listing } from '../../api/models'

export type SourceState = 'ok' | 'asking' | 'stale' | 'failing' | 'down'

/** A provider as the picker heads its group. Times are in milliseconds since 1970. */
export interface Source {
  slug: string
  name: string
  cable: number
  isDefault: boolean
  state: SourceState
  /** Since when it has been in this state; null when nobody knows. */
  since: number | null
  /** When its list was asked for last; null when it never came. */
  listedAt: number | null
  /** Why the list could not be refreshed, in words. */
  problem: string | null
}

/** `down` and `loading` come before what the model's own list says. */
export type EntryState = 'loaded' | 'loading' | 'not-loaded' | 'remote' | 'down'

/** One thing that can be chosen; `id` is what a request names: a canonical name, or an alias. */
export interface Entry {
  id: string
  name: string
  model: ListedModel
  source: Source
  isAlias: boolean
  isDefault: boolean
  state: EntryState
  /** When this page saw it loading first; null when it is not loading. */
  loadingSince: number | null
}

export interface Catalog {
  sources: readonly Source[]
  entries: readonly Entry[]
  byId: ReadonlyMap<string, Entry>
  /** What answers where nothing is chosen; null when nothing would. */
  fallback: Entry | null
}

/** `now` is when `listed` came; `loading` says since when models have been loading. */
export function catalogOf(listed: ListedModels, now: number, loading: LoadingTimes = new Map()): Catalog {
  const sources = listed.providers.map((listing) => sourceOf(listing, now))
  const bySlug = new Map(sources.map((source) => [source.slug, source]))
  const fallbackId = listed.defaults.chat
  const models = listed.models.filter(canChat).flatMap((model) => {
    const source = bySlug.get(model.provider)
    return source === undefined ? [] : [entryOf(model, source, loading.get(model.id) ?? null)]
  })
  const byId = new Map(models.map((entry) => [entry.id, entry]))
  const aliases = listed.aliases.flatMap(({ name, model }) => {
    const target = byId.get(model)
    return target === undefined ? [] : [{ ...target, id: name, name, isAlias: true }]
  })
  const entries = [...aliases, ...models].map((entry) => ({ ...entry, isDefault: entry.id === fallbackId }))
  const all = new Map(entries.map((entry) => [entry.id, entry]))
  return { sources, entries, byId: all, fallback: fallbackId === null ? null : (all.get(fallbackId) ?? null) }
}

/** By model. */
export type LoadingTimes = ReadonlyMap<string, number>

/** `before` with those that load now, each since it was seen loading first. */
export function loadingTimes(before: LoadingTimes, listed: ListedModels, now: number): LoadingTimes {
  const loading = listed.models.filter((model) => model.state === 'loading')
  return new Map(loading.map((model) => [model.id, before.get(model.id) ?? now]))
}

/** The same without the models that are known to see no images. */
export function seeingOf(catalog: Catalog): Catalog {
  const entries = catalog.entries.filter((entry) => entry.model.reads_images !== false)
  return { ...catalog, entries, byId: new Map(entries.map((entry) => [entry.id, entry])) }
}

function canChat(model: ListedModel): boolean {
  return model.type !== 'embeddings' && model.capabilities.includes('chat')
}

function entryOf(model: ListedModel, source: Source, since: number | null): Entry {
  const isDown = source.state === 'down' || source.state === 'stale'
  const state = isDown ? 'down' : model.state
  return {
    id: model.id,
    name: model.name,
    model,
    source,
    isAlias: false,
    isDefault: false,
    state,
    loadingSince: state === 'loading' ? since : null,
  }
}

function sourceOf(listing: Listing, now: number): Source {
  return {
    slug: listing.slug,
    name: listing.name,
    cable: listing.cable,
    isDefault: listing.is_default,
    state: stateOf(listing),
    since: listing.since === null ? null : Date.parse(listing.since),
    listedAt: listing.age_s === null ? null : now - listing.age_s * 1000,
    problem: listing.error,
  }
}

function stateOf({ state, age_s: age, error }: Listing): SourceState {
  if (state === 'down') return age === null ? 'down' : 'stale'
  if (state === 'degraded' || error !== null) return 'failing'
  return age === null ? 'asking' : 'ok'
}

/** How soon to look again: sooner when something is about to change. */
export function nextLookMs(listed: ListedModels, quietMs: number): number {
  if (listed.providers.some((listing) => stateOf(listing) === 'asking')) return 1000
  return listed.models.some((model) => model.state === 'loading') ? 2000 : quietMs
}
