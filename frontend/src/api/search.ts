// Words in titles and messages.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { gateway, type Schemas, unwrap } from './client'

export type SearchHit = Schemas['SearchHitOut']

const LIMIT = 20

export function searchQuery(text: string) {
  return queryOptions({
    queryKey: ['search', text] as const,
    queryFn: async ({ signal }) => {
      const query = { q: text, limit: LIMIT }
      return (await unwrap(gateway.GET('/api/v1/conversations/search', { params: { query }, signal }))).items
    },
    placeholderData: keepPreviousData,
    enabled: text !== '',
  })
}
