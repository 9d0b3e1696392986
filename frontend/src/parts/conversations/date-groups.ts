// Conversations by when they were last used.

export type GroupKey = 'today' | 'yesterday' | 'week' | 'month' | (string & {})

export interface DateGroup<Item> {
  /** `today`, `yesterday`, `week`, `month`, else a month such as `2026-04`. */
  key: GroupKey
  items: Item[]
}

const DAY_MS = 24 * 60 * 60 * 1000

/** `items` come newest first and stay so. Days are the reader's own. */
export function dateGroups<Item extends { updated_at: string }>(items: readonly Item[], now: Date): DateGroup<Item>[] {
  const groups: DateGroup<Item>[] = []
  for (const item of items) {
    const key = groupOf(new Date(item.updated_at), now)
    const last = groups.at(-1)
    if (last?.key === key) last.items.push(item)
    else groups.push({ key, items: [item] })
  }
  return groups
}

function groupOf(moment: Date, now: Date): GroupKey {
  const days = Math.round((startOfDay(now) - startOfDay(moment)) / DAY_MS)
  if (days <= 0) return 'today'
  if (days === 1) return 'yesterday'
  if (days <= 7) return 'week'
  if (days <= 30) return 'month'
  return `${moment.getFullYear()}-${String(moment.getMonth() + 1).padStart(2, '0')}`
}

function startOfDay(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime()
}

/** "April 2026" for a month's key. */
export function monthName(key: string, language: string): string {
  const [year = 1970, month = 1] = key.split('-').map(Number)
  return new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' }).format(new Date(year, month - 1))
}
