import { expect, test } from 'vitest'
import type { Line } from '../../api/usage'
import { pointOf } from '../../api/usage-builder'
import { chartData } from './chart-data'

function point(at: string, requests: number, cost_usd: number | null = null) {
  return pointOf(at, { requests, cost_usd })
}

const LINES: Line[] = [
  { key: 'a', label: 'A', points: [point('2026-11-01', 1), point('2026-11-02', 2)] },
  { key: 'b', label: 'B', points: [point('2026-11-02', 9, 0.5)] },
  { key: 'c', label: 'C', points: [point('2026-11-01', 0)] },
]

test('puts the largest first, leaves out what is nothing and joins moments', () => {
  expect(chartData(LINES, 'requests')).toEqual({
    series: [
      { key: 'b', label: 'B' },
      { key: 'a', label: 'A' },
    ],
    moments: [
      { at: '2026-11-01', values: { a: 1 } },
      { at: '2026-11-02', values: { b: 9, a: 2 } },
    ],
  })
})

test('an unknown cost is no zero', () => {
  expect(chartData(LINES, 'cost').series).toEqual([{ key: 'b', label: 'B' }])
})
