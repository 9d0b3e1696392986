import { expect, test } from 'vitest'
import type { Line, Point } from '../../api/usage'
import { chartData } from './chart-data'

function point(at: string, requests: number, cost: number | null = null): Point {
  const counted = { attempts: 0, tokens: 0 }
  return {
    at,
    requests,
    attempts: requests,
    errors: 0,
    failed_requests: 0,
    prompt_tokens: 0,
    completion_tokens: 0,
    total_tokens: 0,
    cached_tokens: 0,
    reasoning_tokens: 0,
    cost_usd: cost,
    unpriced_attempts: 0,
    outcomes: {},
    first_token_ms: { p50: null, p95: null, p99: null },
    total_ms: { p50: null, p95: null, p99: null },
    token_sources: { provider: counted, estimated: counted, absent: counted } as unknown as Point['token_sources'],
  }
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
