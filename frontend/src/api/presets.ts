// Presets: parameters and a system prompt under a name, to be used again in other conversations.
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type Preset = Schemas['ChatPresetOut']
export type PresetDraft = Schemas['PresetBody']
export type PresetChange = Schemas['PresetPatch']

/** More than anybody keeps; the list has no second page. */
const MOST = 200

export const presetQueries = {
  all: () => ['presets'] as const,
  list: () =>
    queryOptions({
      queryKey: [...presetQueries.all(), 'list'],
      queryFn: async ({ signal }): Promise<Preset[]> => {
        const page = await unwrap(gateway.GET('/api/v1/presets', { params: { query: { limit: MOST } }, signal }))
        return page.items
      },
    }),
}

export function createPreset(draft: PresetDraft): Promise<Preset> {
  return unwrap(gateway.POST('/api/v1/presets', { body: draft }))
}

export function changePreset(id: string, change: PresetChange): Promise<Preset> {
  return unwrap(gateway.PATCH('/api/v1/presets/{id}', { params: { path: { id } }, body: change }))
}

export function deletePreset(id: string): Promise<unknown> {
  return unwrap(gateway.DELETE('/api/v1/presets/{id}', { params: { path: { id } } }))
}
