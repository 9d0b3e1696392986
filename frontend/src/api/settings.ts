// What holds for the whole gateway, for administrators.
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type Settings = Schemas['SettingsOut']
export type SettingsChanges = Schemas['SettingsPatch']

export const settingsQueries = {
  all: () => ['settings'] as const,
  current: () =>
    queryOptions({
      queryKey: settingsQueries.all(),
      queryFn: ({ signal }) => unwrap(gateway.GET('/api/v1/settings', { signal })),
    }),
}

export function changeSettings(changes: SettingsChanges): Promise<Settings> {
  return unwrap(gateway.PATCH('/api/v1/settings', { body: changes }))
}
