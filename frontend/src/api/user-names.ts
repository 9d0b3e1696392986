// Who an id belongs to, for administrators.
import { queryOptions } from '@tanstack/react-query'
import { ApiError, gateway, unwrap } from './client'
import { userQueries } from './users'

/** The username; null for somebody who was deleted. */
export function userNameQuery(id: string) {
  return queryOptions({
    queryKey: [...userQueries.all(), 'name', id] as const,
    queryFn: async ({ signal }) => {
      try {
        return (await unwrap(gateway.GET('/api/v1/users/{id}', { params: { path: { id } }, signal }))).username
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}
