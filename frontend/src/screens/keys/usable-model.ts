import type { ListedModels } from '../../api/models'

/** A chat model that a key with this list may call: the default one, else the first. Null while there is none. */
export function usableModel(listed: ListedModels | undefined, allowed: readonly string[] | null): string | null {
  if (!listed) return null
  const ids = listed.models.filter((model) => model.type !== 'embeddings').map((model) => model.id)
  const usable = ids.filter((id) => allowed === null || allowed.some((pattern) => matches(pattern, id)))
  const preferred = listed.defaults.chat
  return preferred !== null && usable.includes(preferred) ? preferred : (usable[0] ?? null)
}

function matches(pattern: string, id: string): boolean {
  if (!pattern.includes('*')) return pattern === id
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${expression}$`).test(id)
}
