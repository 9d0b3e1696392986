// One's own sessions.
import { queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type SignInSession = Schemas['SessionOut']

const MOST = 100

export const sessionListQueries = {
  all: () => ['sessions'] as const,
  list: () =>
    queryOptions({
      queryKey: sessionListQueries.all(),
      queryFn: async ({ signal }) => {
        const query = { limit: MOST }
        return (await unwrap(gateway.GET('/api/v1/auth/sessions', { params: { query }, signal }))).items
      },
    }),
}

export async function endSession(id: string): Promise<void> {
  await unwrap(gateway.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } }))
}
