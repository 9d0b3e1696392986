import { expect, test } from 'vitest'
import { dateGroups, monthName } from './date-groups'

const NOW = new Date(2026, 10, 21, 9, 30)

function at(...when: [number, number, number, number?]) {
  return { updated_at: new Date(...when).toISOString() }
}

test('groups by the reader’s days, not by hours that have passed', () => {
  const lateYesterday = at(2026, 10, 20, 23)
  const earlyToday = at(2026, 10, 21, 0)

  const groups = dateGroups([earlyToday, lateYesterday], NOW)

  expect(groups).toEqual([
    { key: 'today', items: [earlyToday] },
    { key: 'yesterday', items: [lateYesterday] },
  ])
})

test('goes on with weeks, the month and then each month by name', () => {
  const items = [at(2026, 10, 14), at(2026, 9, 25), at(2026, 3, 2), at(2026, 3, 1), at(2025, 3, 1)]

  const groups = dateGroups(items, NOW)

  expect(groups.map((group) => [group.key, group.items.length])).toEqual([
    ['week', 1],
    ['month', 1],
    ['2026-04', 2],
    ['2025-04', 1],
  ])
  expect(monthName('2026-04', 'en')).toBe('April 2026')
})
