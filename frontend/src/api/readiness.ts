// GET /readyz: whether the gateway can serve, and which of its parts can't.
import { queryOptions } from '@tanstack/react-query'
import { ApiError, open, UNEXPECTED } from './client'

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
      queryFn: async ({ signal }) => readinessIn(await (await open('/readyz', { signal })).text()),
    }),
}

/** What the gateway says of itself. Throws `ApiError` where a proxy on the way has answered in its place. */
function readinessIn(text: string): Readiness {
  try {
    const body: unknown = JSON.parse(text)
    if (body instanceof Object && 'parts' in body) return body as Readiness
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new ApiError(0, { code: UNEXPECTED })
}
