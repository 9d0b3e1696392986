import type { Period } from '../../api/usage'
import type { PeriodName, UsageSearch } from '../../api/usage-search'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const LENGTHS: Record<PeriodName, number> = { '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS }

/** What the address asks for, up to the next full minute, so that a moment later it is the same period still. */
export function chosenPeriod(search: UsageSearch, now: Date): Period {
  if (search.from && search.to && search.from <= search.to) {
    const from = new Date(`${search.from}T00:00:00`)
    const to = new Date(`${search.to}T00:00:00`)
    to.setDate(to.getDate() + 1)
    return { from: from.toISOString(), to: to.toISOString() }
  }
  const to = Math.ceil(now.getTime() / 60_000) * 60_000
  return period(to - LENGTHS[search.period ?? '7d'], to)
}

/** As long, right before. */
export function periodBefore({ from, to }: Period): Period {
  const start = Date.parse(from)
  return period(start - (Date.parse(to) - start), start)
}

function period(from: number, to: number): Period {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

/** By how much of itself a figure changed: 0.5 is half as much again. Null where nothing was before. */
export function change(now: number | null, before: number | null): number | null {
  return now === null || !before ? null : (now - before) / before
}
