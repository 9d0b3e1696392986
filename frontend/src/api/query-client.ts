import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './client'

const TRIES = 2

/** How often the gateway is asked. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < TRIES && mayPass(error),
        retryDelay: (failures) => Math.min(4000, 500 * 2 ** failures),
        // A gateway on this machine answers without the internet too.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}

/** Whether asking again in a moment can help: nobody answered, or a server that stops or starts did. */
function mayPass(error: Error): boolean {
  return error instanceof ApiError && [0, 502, 503, 504].includes(error.status)
}
