// Who changed what, for administrators.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type AuditEntry = Schemas['AuditOut']

export const OBJECT_TYPES = ['all', 'provider', 'user', 'api_key', 'alias', 'settings', 'secrets'] as const
export type ObjectType = (typeof OBJECT_TYPES)[number]

export interface AuditFilter {
  object_type: ObjectType
  /** ISO 8601. */
  from?: string
  to?: string
}

const LIMIT = 50

export const auditQueries = {
  all: () => ['audit'] as const,
  list: (filter: AuditFilter) =>
    infiniteQueryOptions({
      queryKey: [...auditQueries.all(), filter] as const,
      queryFn: ({ pageParam, signal }) =>
        unwrap(
          gateway.GET('/api/v1/llm-providers/audit-logs', {
            params: { query: { ...filter, limit: LIMIT, cursor: pageParam } },
            signal,
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor,
    }),
}
