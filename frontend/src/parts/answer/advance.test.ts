import { describe, expect, test } from 'vitest'
import type { GenerationEvent, Message } from '../../api/conversation-types'
import { advance, advanceAll } from './advance'
import { answerOf } from './answer-builder'

const usage = {
  prompt_tokens: 3,
  completion_tokens: 5,
  reasoning_tokens: 2,
  total_tokens: 8,
  source: 'provider',
} as const
const timings = { first_token_ms: 40, total_ms: 900, tokens_per_second: 5.8, overhead_ms: 2 }

function messageAfter(...events: GenerationEvent[]): Message {
  return events.reduce(advance, answerOf({ status: 'streaming' }))
}

describe('one event', () => {
  test('names the model that really answers', () => {
    const message = messageAfter({ type: 'start', model: 'groq/llama', provider: 'groq' })

    expect(message).toMatchObject({ model: 'groq/llama', provider: 'groq', model_asked: 'local/toy' })
  })

  test('joins text and reasoning apart from each other', () => {
    const message = messageAfter(
      { type: 'reasoning', text: 'Let me ' },
      { type: 'reasoning', text: 'see.' },
      { type: 'delta', text: 'Hel' },
      { type: 'delta', text: 'lo' },
    )

    expect([message.reasoning, message.content, message.status]).toEqual(['Let me see.', 'Hello', 'streaming'])
  })

  test('joins the pieces of several tool calls by their index', () => {
    const message = messageAfter(
      { type: 'tool_call', index: 1, id: 'b', name: 'time', arguments: '{}' },
      { type: 'tool_call', index: 0, id: 'a', name: 'weather', arguments: '{"city":' },
      { type: 'tool_call', index: 0, id: null, name: null, arguments: '"Bonn"}' },
    )

    expect(message.tool_calls).toEqual([
      { index: 0, id: 'a', name: 'weather', arguments: '{"city":"Bonn"}' },
      { index: 1, id: 'b', name: 'time', arguments: '{}' },
    ])
  })

  test('ends with the figures', () => {
    const done = { finish_reason: 'length', usage, timings, cost_usd: 0.002, model: 'a/b', provider: 'a' }

    const message = messageAfter({ type: 'delta', text: 'Hi' }, { type: 'done', ...done })

    expect(message).toMatchObject({ ...done, status: 'done', content: 'Hi' })
  })

  test('keeps the usage sent before when the end brings none', () => {
    const message = messageAfter(
      { type: 'usage', ...usage },
      { type: 'done', finish_reason: 'stop', usage: null, timings, cost_usd: null, model: 'a/b', provider: 'a' },
    )

    expect(message.usage).toEqual(usage)
  })

  test('is marked stopped when a person stopped it', () => {
    const message = messageAfter(
      { type: 'delta', text: 'Once' },
      { type: 'done', finish_reason: 'stopped', usage, timings, cost_usd: 0, model: 'a/b', provider: 'a' },
    )

    expect([message.status, message.content]).toEqual(['stopped', 'Once'])
  })

  test('keeps the text so far when it fails', () => {
    const error = { code: 'stream_cut', message: 'The stream was cut.', request_id: 'r-1', details: [], provider: 'a' }

    const message = messageAfter({ type: 'delta', text: 'Once' }, { type: 'error', ...error })

    expect([message.status, message.content, message.error]).toEqual(['failed', 'Once', error])
  })
})

describe('numbered events', () => {
  test('count once, even when some come again', () => {
    const start = answerOf({ status: 'streaming', content: 'a', last_event: 2 })

    const message = advanceAll(start, [
      { number: 2, event: { type: 'delta', text: 'a' } },
      { number: 3, event: { type: 'delta', text: 'b' } },
      { number: 3, event: { type: 'delta', text: 'b' } },
      { number: 4, event: { type: 'delta', text: 'c' } },
    ])

    expect([message.content, message.last_event]).toEqual(['abc', 4])
  })

  test('go on behind a snapshot, which replaces what was there', () => {
    const start = answerOf({ status: 'streaming', content: 'old', last_event: 9 })
    const stored = { ...start, content: 'stored', last_event: 6 }

    const message = advanceAll(start, [
      { number: 6, event: { type: 'snapshot', message: stored } },
      { number: 7, event: { type: 'delta', text: '!' } },
    ])

    expect([message.content, message.last_event]).toEqual(['stored!', 7])
  })
})
