// Which models a new comparison begins with. Pure, but for what the browser remembers.
import { remembered } from '../../lib/storage'
import type { Catalog } from '../../parts/model-picker/catalog'

export const FEWEST = 2
export const MOST = 4

export const lastCompared = remembered<readonly string[]>('compare', [], isNames)

/** Those compared last, else the default model and the next ones that answer, another provider's first. */
export function startColumns(catalog: Catalog, last: readonly string[]): string[] {
  const known = last.filter((id) => catalog.byId.has(id)).slice(0, MOST)
  return known.length >= FEWEST ? known : nextModels(catalog, known, FEWEST)
}

/** `chosen` with others added until there are `count` (fewer when there are no more models). */
export function nextModels(catalog: Catalog, chosen: readonly string[], count: number): string[] {
  const first = chosen.length === 0 && catalog.fallback !== null ? [catalog.fallback.id] : chosen
  const providers = new Set(first.map((id) => catalog.byId.get(id)?.source.slug))
  const others = catalog.entries.filter((entry) => !entry.isAlias && !first.includes(entry.id))
  const rank = (entry: (typeof others)[number]) =>
    (entry.state === 'down' ? 4 : 0) +
    (providers.has(entry.source.slug) ? 2 : 0) +
    (entry.state === 'not-loaded' ? 1 : 0)
  const added = others.sort((one, other) => rank(one) - rank(other)).map((entry) => entry.id)
  return [...first, ...added].slice(0, Math.max(count, first.length))
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
