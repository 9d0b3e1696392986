// The picker's list: pinned and recent first, then each provider's models; while searching, the best matches first.
import type { Catalog, Entry, Source } from './catalog'

export type SectionKind = 'pinned' | 'recent' | 'aliases' | 'provider'

export interface Section {
  /** Unique among the sections; part of an element’s id, so without spaces. */
  key: string
  kind: SectionKind
  source: Source | null
  entries: readonly Entry[]
}

export interface Remembered {
  pinned: readonly string[]
  /** Newest first. */
  recent: readonly string[]
}

const RECENT_SHOWN = 3

/** Everything, in the order to be shown. Providers without a model keep their place: their state line says why. */
export function sectionsOf(catalog: Catalog, remembered: Remembered): Section[] {
  const pinned = known(catalog, remembered.pinned)
  const recent = known(catalog, remembered.recent)
    .filter((entry) => !pinned.includes(entry))
    .slice(0, RECENT_SHOWN)
  const aliases = catalog.entries.filter((entry) => entry.isAlias)
  const named = [section('pinned', pinned), section('recent', recent), section('aliases', aliases)]
  return [...named.filter((one) => one.entries.length > 0), ...bySource(catalog)]
}

/** What matches, best first; nothing twice. Empty when nothing matches. */
export function matchesOf(catalog: Catalog, remembered: Remembered, query: string): Section[] {
  const words = plain(query).split(/\s+/).filter(Boolean)
  const liked = new Set([...remembered.pinned, ...remembered.recent])
  const rank = new Map<Entry, number>()
  for (const entry of catalog.entries) {
    const found = rankOf(entry, words)
    if (found !== null) rank.set(entry, found + (liked.has(entry.id) ? 0.5 : 0))
  }
  const best = (one: Section) => Math.max(...one.entries.map((entry) => rank.get(entry) ?? 0))
  const matching = (entries: readonly Entry[]) =>
    entries.filter((entry) => rank.has(entry)).sort((one, other) => (rank.get(other) ?? 0) - (rank.get(one) ?? 0))
  const aliases = section('aliases', matching(catalog.entries.filter((entry) => entry.isAlias)))
  return [aliases, ...bySource(catalog).map((one) => ({ ...one, entries: matching(one.entries) }))]
    .filter((one) => one.entries.length > 0)
    .sort((one, other) => best(other) - best(one))
}

function known(catalog: Catalog, ids: readonly string[]): Entry[] {
  return ids.flatMap((id) => catalog.byId.get(id) ?? [])
}

function section(kind: SectionKind, entries: readonly Entry[]): Section {
  return { key: kind, kind, source: null, entries }
}

/** The default provider first, then those that answer, then those that don't. */
function bySource(catalog: Catalog): Section[] {
  const models = new Map<Source, Entry[]>(catalog.sources.map((source) => [source, []]))
  for (const entry of catalog.entries) if (!entry.isAlias) models.get(entry.source)?.push(entry)
  const place = (source: Source) => (isAway(source) ? 2 : source.isDefault ? 0 : 1)
  return [...catalog.sources]
    .sort((one, other) => place(one) - place(other))
    .map((source) => ({
      key: `provider_${source.slug}`,
      kind: 'provider' as const,
      source,
      entries: models.get(source) ?? [],
    }))
}

function isAway(source: Source): boolean {
  return source.state === 'down' || source.state === 'stale'
}

/** How well all words match; null when one does not. A word in the name's beginning counts most. */
function rankOf(entry: Entry, words: readonly string[]): number | null {
  let rank = 0
  for (const word of words) {
    const found = wordRank(entry, word)
    if (found === 0) return null
    rank += found
  }
  return rank
}

function wordRank(entry: Entry, word: string): number {
  const name = plain(entry.name)
  if (name === word) return 6
  if (name.startsWith(word)) return 5
  if (startsAWord(name, word)) return 4
  if (name.includes(word)) return 3
  const id = plain(entry.model.id)
  if (startsAWord(id, word)) return 2
  return id.includes(word) || plain(entry.source.name).includes(word) ? 1 : 0
}

function startsAWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[a-z0-9]/.test(text[at - 1] ?? '')) return true
  }
  return false
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}
