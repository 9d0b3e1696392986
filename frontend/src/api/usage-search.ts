// What the usage screen shows, as it stands in the address.

export const PERIODS = ['24h', '7d', '30d'] as const
export const METRICS = ['requests', 'tokens', 'cost', 'latency', 'errors'] as const
export const GROUPINGS = ['provider', 'model', 'key', 'user'] as const

export type PeriodName = (typeof PERIODS)[number]
export type Metric = (typeof METRICS)[number]
export type Grouping = (typeof GROUPINGS)[number]

export interface UsageSearch {
  period?: PeriodName
  /** Days such as `2026-11-01`, both included; they win over `period`. */
  from?: string
  to?: string
  metric?: Metric
  group?: Grouping
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** What is no choice of ours is left out. */
export function usageSearch(search: Record<string, unknown>): UsageSearch {
  const found: UsageSearch = {}
  const period = PERIODS.find((one) => one === search.period)
  const metric = METRICS.find((one) => one === search.metric)
  const group = GROUPINGS.find((one) => one === search.group)
  if (period) found.period = period
  if (metric) found.metric = metric
  if (group) found.group = group
  if (typeof search.from === 'string' && DAY.test(search.from)) found.from = search.from
  if (typeof search.to === 'string' && DAY.test(search.to)) found.to = search.to
  return found
}
