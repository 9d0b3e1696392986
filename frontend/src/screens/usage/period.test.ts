import { expect, test } from 'vitest'
import { change, chosenPeriod, periodBefore } from './period'

const NOW = new Date('2026-11-21T09:30:20Z')

test('is the same period for a whole minute', () => {
  const first = chosenPeriod({ period: '24h' }, NOW)

  expect(first).toEqual({ from: '2026-11-20T09:31:00.000Z', to: '2026-11-21T09:31:00.000Z' })
  expect(chosenPeriod({ period: '24h' }, new Date('2026-11-21T09:30:59Z'))).toEqual(first)
})

test('days from the address are whole ones, the last included', () => {
  const { from, to } = chosenPeriod({ period: '24h', from: '2026-11-01', to: '2026-11-02' }, NOW)

  expect(Date.parse(to) - Date.parse(from)).toBe(2 * 24 * 60 * 60 * 1000)
})

test('days in the wrong order are no days', () => {
  expect(chosenPeriod({ from: '2026-11-02', to: '2026-11-01' }, NOW)).toEqual(chosenPeriod({}, NOW))
})

test('compares with a period as long, right before', () => {
  const before = periodBefore({ from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' })

  expect(before).toEqual({ from: '2026-11-19T00:00:00.000Z', to: '2026-11-20T00:00:00.000Z' })
})

test('says no change where there was nothing to compare with', () => {
  expect([change(3, 2), change(1, 2), change(3, 0), change(3, null), change(null, 3)]).toEqual([
    0.5,
    -0.5,
    null,
    null,
    null,
  ])
})
