import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Message } from '../../api/conversation-types'
import { answerOf } from './answer-builder'
import { LiveAnswers } from './live-answers'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'Date'] }))
afterEach(() => vi.useRealTimers())

const encoder = new TextEncoder()

/** One stream that says what the test says, when it says it. */
function stage() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
  })
  const ended: Message[] = []
  let settle: () => void = () => undefined
  const answers = new LiveAnswers({
    open: () => async () => new Response(body),
    onEnd: (message) => {
      ended.push(message)
      return new Promise((resolve) => {
        settle = resolve
      })
    },
  })
  let number = 0
  return {
    answers,
    ended,
    settle: () => settle(),
    async says(...events: Record<string, unknown>[]) {
      for (const event of events) {
        number += 1
        controller?.enqueue(encoder.encode(`id: ${number}\ndata: ${JSON.stringify(event)}\n\n`))
      }
      await vi.advanceTimersByTimeAsync(0)
    },
    nextFrame: () => vi.advanceTimersByTimeAsync(20),
  }
}

const running = answerOf({ id: 'm', status: 'streaming' })
const done = {
  type: 'done',
  finish_reason: 'stop',
  usage: null,
  timings: null,
  cost_usd: 0,
  model: 'a/b',
  provider: 'a',
}

test('many events become one change per frame', async () => {
  const { answers, says, nextFrame } = stage()
  answers.follow(running, Date.now())
  await nextFrame()
  const heard = vi.fn()
  answers.subscribe('m', heard)

  await says({ type: 'delta', text: 'a' }, { type: 'delta', text: 'b' }, { type: 'delta', text: 'c' })
  expect(heard).not.toHaveBeenCalled()
  await nextFrame()

  expect(heard).toHaveBeenCalledTimes(1)
  expect(answers.get('m')?.message.content).toBe('abc')
})

test('only views of that message hear of it', async () => {
  const { answers, says, nextFrame } = stage()
  answers.follow(running, Date.now())
  const other = vi.fn()
  answers.subscribe('other', other)

  await says({ type: 'delta', text: 'a' })
  await nextFrame()

  expect(other).not.toHaveBeenCalled()
})

test('the end is shown until the whole message has come from the gateway', async () => {
  const { answers, ended, settle, says } = stage()
  answers.follow(running, Date.now())

  await says({ type: 'delta', text: 'Hi' }, done)
  expect(ended.map((message) => [message.content, message.status])).toEqual([['Hi', 'done']])
  expect(answers.get('m')?.message.content).toBe('Hi')
  settle()
  await vi.advanceTimersByTimeAsync(0)

  expect(answers.get('m')).toBeUndefined()
})

test('measures how long it thinks', async () => {
  const { answers, says, nextFrame } = stage()
  answers.follow(running, Date.now())
  await nextFrame()

  await says({ type: 'reasoning', text: 'Hm.' })
  await nextFrame()
  expect(answers.get('m')?.thoughtMs).toBeNull()
  await vi.advanceTimersByTimeAsync(4000)
  await says({ type: 'delta', text: 'Yes' })
  await nextFrame()

  const thought = answers.get('m')?.thoughtMs ?? 0
  expect(thought).toBeGreaterThanOrEqual(4000)
  expect(thought).toBeLessThan(4200)
})

test('a finished message is not followed, a followed one not twice', () => {
  const open = vi.fn(() => async () => new Response(new ReadableStream()))
  const answers = new LiveAnswers({ open, onEnd: async () => undefined })

  answers.follow(answerOf({ id: 'finished', status: 'done' }), 0)
  answers.follow(running, 0)
  answers.follow(running, 0)

  expect(open).toHaveBeenCalledTimes(1)
  answers.leave()
})

test('how far a load is stands beside the message, and changes nothing of it but its last event', async () => {
  const { answers, says, nextFrame } = stage()
  answers.follow(running, Date.now())

  await says(
    { type: 'progress', stage: 'loading', fraction: 0.3 },
    { type: 'progress', stage: 'loading', fraction: 0.65 },
  )
  await nextFrame()
  expect(answers.get('m')?.progress).toMatchObject({ stage: 'loading', fraction: 0.65 })
  expect(answers.get('m')?.message).toEqual({ ...running, last_event: 2 })
  await says({ type: 'delta', text: 'a' })
  await nextFrame()

  expect(answers.get('m')?.message.content).toBe('a')
})
