// Which models this browser's person pinned and chose last. Nothing else in Patchbay depends on it.
import { remembered } from '../../lib/storage'
import type { Remembered } from './sections'

const RECENT_KEPT = 8

export const rememberedModels = remembered<Remembered>('models', { pinned: [], recent: [] }, isRemembered)

export function withChosen(value: Remembered, id: string): Remembered {
  return { ...value, recent: [id, ...value.recent.filter((one) => one !== id)].slice(0, RECENT_KEPT) }
}

export function withPinToggled(value: Remembered, id: string): Remembered {
  const pinned = value.pinned.includes(id) ? value.pinned.filter((one) => one !== id) : [...value.pinned, id]
  return { ...value, pinned }
}

function isRemembered(value: unknown): value is Remembered {
  const { pinned, recent } = Object(value)
  return [pinned, recent].every((ids) => Array.isArray(ids) && ids.every((id) => typeof id === 'string'))
}
