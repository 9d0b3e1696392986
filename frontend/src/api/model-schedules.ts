// When models are kept loaded, for administrators.
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type ModelSchedule = Schemas['ModelScheduleOut']
export type NewSchedule = Schemas['ModelScheduleIn']

const MOST = 200
/** How often who looks at the list sees whether something has become due or failed. */
const LOOK_MS = 30_000

export const scheduleQueries = {
  all: () => ['model-schedules'] as const,
  list: () =>
    queryOptions({
      queryKey: scheduleQueries.all(),
      queryFn: async ({ signal }) =>
        (await unwrap(gateway.GET('/api/v1/model-schedules', { params: { query: { limit: MOST } }, signal }))).items,
      refetchInterval: LOOK_MS,
    }),
}

export function createSchedule(body: NewSchedule): Promise<ModelSchedule> {
  return unwrap(gateway.POST('/api/v1/model-schedules', { body }))
}

export function changeSchedule(id: string, changes: Partial<NewSchedule>): Promise<ModelSchedule> {
  return unwrap(gateway.PATCH('/api/v1/model-schedules/{id}', { params: { path: { id } }, body: changes }))
}

export async function deleteSchedule(id: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/model-schedules/{id}', { params: { path: { id } } }))
}
