import type { Line, Point } from '../../api/usage'
import type { Metric } from '../../api/usage-search'

/** One line or one part of the bars. */
export interface Series {
  key: string
  label: string
}

/** What stands above each other at one moment: the figures by the series' keys; null where nothing is known. */
export interface Moment {
  at: string
  values: Record<string, number | null>
}

export interface ChartData {
  series: Series[]
  moments: Moment[]
}

const MOST_SERIES = 8

/** The figure that a metric shows; a latency is the p95 of the first token. */
export function figureOf(metric: Metric, point: Omit<Point, 'at'>): number | null {
  switch (metric) {
    case 'requests':
      return point.requests
    case 'tokens':
      return point.total_tokens
    case 'cost':
      return point.cost_usd
    case 'latency':
      return point.first_token_ms.p95
    case 'errors':
      return point.failed_requests
  }
}

/** The largest series, each with its figure at each moment. Lines whose figure is always nothing are left out. */
export function chartData(lines: readonly Line[], metric: Metric): ChartData {
  const weighed = lines
    .map((line) => ({ line, total: line.points.reduce((sum, point) => sum + (figureOf(metric, point) ?? 0), 0) }))
    .filter(({ total }) => total > 0)
    .sort((first, second) => second.total - first.total)
    .slice(0, MOST_SERIES)
  const moments = new Map<string, Moment>()
  for (const { line } of weighed) {
    for (const point of line.points) {
      const moment = moments.get(point.at) ?? { at: point.at, values: {} }
      moment.values[line.key] = figureOf(metric, point)
      moments.set(point.at, moment)
    }
  }
  return {
    series: weighed.map(({ line }) => ({ key: line.key, label: line.label })),
    moments: [...moments.values()].sort((first, second) => (first.at < second.at ? -1 : 1)),
  }
}
