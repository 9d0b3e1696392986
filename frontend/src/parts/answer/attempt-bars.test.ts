import { expect, test } from 'vitest'
import { attemptBars } from './attempt-bars'

function attempt(started_at: string, first_token_ms: number | null, total_ms: number) {
  return {
    attempt: 1,
    provider: 'groq',
    model: 'llama',
    started_at,
    first_token_ms,
    total_ms,
    outcome: 'ok',
    problem: null,
  }
}

test('puts attempts one after the other on one scale', () => {
  const failed = attempt('2026-11-21T10:00:00.000Z', null, 500)
  const answered = attempt('2026-11-21T10:00:00.600Z', 400, 1400)

  const { bars, totalMs } = attemptBars([failed, answered])

  expect(totalMs).toBe(2000)
  expect(bars).toEqual([
    { attempt: failed, start: 0, waiting: 0.25, writing: 0 },
    { attempt: answered, start: 0.3, waiting: 0.2, writing: 0.5 },
  ])
})

test('has nothing to draw without attempts', () => {
  expect(attemptBars([]).bars).toEqual([])
})
