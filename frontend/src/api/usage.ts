// The ledger's figures: one's own, and for administrators everybody's.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { gateway, openOk, type Schemas, unwrap } from './client'
import { fileName, saveFile } from './exports'
import type { Grouping } from './usage-search'

export type Figures = Schemas['SummaryOut']
export type Group = Schemas['GroupOut']
export type Point = Schemas['PointOut']
export type Line = Schemas['LineOut']
export type UsageRecord = Schemas['UsageRecordOut']

/** ISO 8601; `to` itself is not included. */
export interface Period {
  from: string
  to: string
}

const LIMIT = 50

export const usageQueries = {
  all: () => ['usage'] as const,
  summary: (period: Period, group?: Grouping) =>
    queryOptions({
      queryKey: [...usageQueries.all(), 'summary', period, group ?? ''] as const,
      queryFn: ({ signal }) =>
        unwrap(
          gateway.GET('/api/v1/usage/summary', {
            params: { query: { ...period, ...(group && { group_by: group }) } },
            signal,
          }),
        ),
      placeholderData: keepPreviousData,
    }),
  series: (period: Period, group?: Grouping) =>
    queryOptions({
      queryKey: [...usageQueries.all(), 'series', period, group ?? ''] as const,
      queryFn: ({ signal }) =>
        unwrap(
          gateway.GET('/api/v1/usage/series', {
            params: { query: { ...period, ...(group && { group_by: group }) } },
            signal,
          }),
        ),
      placeholderData: keepPreviousData,
    }),
  requests: (period: Period) =>
    infiniteQueryOptions({
      queryKey: [...usageQueries.all(), 'requests', period] as const,
      queryFn: ({ pageParam, signal }) =>
        unwrap(
          gateway.GET('/api/v1/usage/requests', {
            params: { query: { ...period, limit: LIMIT, cursor: pageParam } },
            signal,
          }),
        ),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor,
    }),
}

/** Every row of the period, put among the browser's downloads. Rejects with `ApiError`. */
export async function downloadUsage(period: Period): Promise<void> {
  const response = await openOk(`/api/v1/usage/export.csv?${new URLSearchParams({ ...period })}`)
  saveFile(await response.blob(), fileName(response) ?? 'patchbay-usage.csv')
}
