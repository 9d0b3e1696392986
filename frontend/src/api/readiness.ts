// GET /readyz: whether the gateway can serve, and which of its parts can't.
import { queryOptions } from '@tanstack/react-query'
import { open } from './client'

export interface PartState {
  ok: boolean
  ms: number
  problem?: string
}

export interface Readiness {
  status: 'ready' | 'not_ready'
  parts: Record<string, PartState>
}

export const readinessQueries = {
  current: () =>
    queryOptions({
      queryKey: ['readiness'] as const,
      // 503 is an answer here: it says which part is missing.
      queryFn: async ({ signal }): Promise<Readiness> => (await open('/readyz', { signal })).json(),
    }),
}
