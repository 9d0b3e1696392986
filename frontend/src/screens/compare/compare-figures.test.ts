import { expect, test } from 'vitest'
import type { Message } from '../../api/conversation-types'
import { answerOf } from '../../parts/answer/answer-builder'
import { figuresOf } from './compare-figures'

function finished(firstTokenMs: number, speed: number, tokens: number, cost: number | null): Message {
  return answerOf({
    timings: { first_token_ms: firstTokenMs, total_ms: 900, tokens_per_second: speed, overhead_ms: 1 },
    usage: {
      prompt_tokens: 1,
      completion_tokens: tokens,
      reasoning_tokens: 0,
      total_tokens: tokens + 1,
      source: 'provider',
    },
    cost_usd: cost,
  })
}

function best(row: ({ best: boolean } | null)[]) {
  return row.map((figure) => figure?.best ?? null)
}

test('the quickest, fastest, shortest and cheapest answers are best', () => {
  const figures = figuresOf([finished(200, 40, 90, 0.002), finished(90, 30, 120, 0)], [], 0)

  expect(figures.firstToken.map((figure) => figure?.value)).toEqual([200, 90])
  expect([figures.firstToken, figures.speed, figures.tokens, figures.cost].map(best)).toEqual([
    [false, true],
    [true, false],
    [true, false],
    [false, true],
  ])
})

test('what nobody knows takes part in nothing, and equals have no best', () => {
  const figures = figuresOf([finished(200, 40, 90, null), finished(200, 40, 90, 0.1), null], [], 0)

  expect([figures.firstToken, figures.cost].map(best)).toEqual([
    [false, false, null],
    [null, false, null],
  ])
})

test('an answer that was cut short is not the shortest', () => {
  const cut = { ...finished(90, 30, 20, 0), status: 'stopped' as const }

  const figures = figuresOf([cut, finished(200, 40, 90, 0.1), finished(200, 40, 95, 0.2)], [], 0)

  expect(best(figures.tokens)).toEqual([false, true, false])
  expect(best(figures.cost)).toEqual([false, true, false])
  expect(best(figures.firstToken)).toEqual([true, false, false])
})

test('figures that look the same have no best', () => {
  expect(best(figuresOf([finished(151, 40, 90, 0), finished(149, 40, 90, 0)], [], 0).firstToken)).toEqual([
    false,
    false,
  ])
})

test('what runs is measured here', () => {
  const running = answerOf({ status: 'streaming', content: 'x'.repeat(400) })

  const figures = figuresOf([running, running], [{ startedAt: 1000, firstTokenAt: 1250 }, null], 3250)

  expect(figures.firstToken).toEqual([{ value: 250, live: true, best: false }, null])
  expect(figures.speed).toEqual([{ value: 50, live: true, best: false }, null])
  expect(figures.tokens[1]).toEqual({ value: 100, live: true, best: false })
})

test('first tokens are compared as they were seen while one of the answers runs', () => {
  const running = answerOf({ status: 'streaming', content: 'Hello' })
  const seen = [
    { startedAt: 0, firstTokenAt: 300 },
    { startedAt: 0, firstTokenAt: 400 },
  ]

  const figures = figuresOf([running, finished(90, 40, 90, 0)], seen, 500)

  expect(figures.firstToken).toEqual([
    { value: 300, live: true, best: true },
    { value: 400, live: true, best: false },
  ])
})

test('the first moments say nothing of the speed', () => {
  const running = answerOf({ status: 'streaming', content: 'Hello' })

  expect(figuresOf([running], [{ startedAt: 0, firstTokenAt: 100 }], 500).speed).toEqual([null])
})

test('what cost nothing because nothing came is not free', () => {
  const usage = {
    prompt_tokens: 0,
    completion_tokens: 0,
    reasoning_tokens: 0,
    total_tokens: 0,
    source: 'absent',
  } as const
  const failed = answerOf({ status: 'failed', usage, cost_usd: 0 })

  expect(figuresOf([failed], [], 0)).toEqual({ firstToken: [null], speed: [null], tokens: [null], cost: [null] })
})
