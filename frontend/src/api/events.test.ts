import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { NumberedEvent } from './conversation-types'
import { eventCutter, follow, pauseMs } from './events'

const encoder = new TextEncoder()

function sse(number: number, event: Record<string, unknown>): string {
  return `id: ${number}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

function delta(number: number, text: string): string {
  return sse(number, { type: 'delta', text })
}

const DONE = { type: 'done', finish_reason: 'stop' }

describe('cutting', () => {
  test('puts events together that arrive in pieces, also inside a letter', () => {
    const bytes = encoder.encode(delta(1, 'grün') + delta(2, '…'))
    const cut = eventCutter(0)

    const events = [...bytes].flatMap((byte) => cut(new Uint8Array([byte])).events)

    expect(events.map(({ event }) => event)).toEqual([
      { type: 'delta', text: 'grün' },
      { type: 'delta', text: '…' },
    ])
  })

  test('leaves comments and known events out', () => {
    const { events } = eventCutter(2)(encoder.encode(`: keep-alive\n\n${delta(2, 'b')}${delta(3, 'c')}`))

    expect(events).toEqual([{ number: 3, event: { type: 'delta', text: 'c' } }])
  })

  test('takes a snapshot whatever its number and goes on behind it', () => {
    const snapshot = { type: 'snapshot', message: { status: 'streaming' } }

    const { events, ended } = eventCutter(9)(encoder.encode(sse(5, snapshot) + delta(5, 'x') + delta(6, 'y')))

    expect(events.map(({ number }) => number)).toEqual([5, 6])
    expect(ended).toBe(false)
  })

  test.each([DONE, { type: 'error', code: 'stream_cut' }, { type: 'snapshot', message: { status: 'done' } }])(
    'sees the end in %j',
    (event) => {
      expect(eventCutter(0)(encoder.encode(sse(1, event))).ended).toBe(true)
    },
  )
})

test('waits longer after each failure, at most ten seconds', () => {
  expect([1, 2, 3, 4, 5, 6, 9].map(pauseMs)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

/** Answers each opening by the next script: text, then an end or a break. */
function gateway(...scripts: (Response | string | 'refused')[]) {
  const asked: number[] = []
  const signals: AbortSignal[] = []
  const open = async (after: number, signal: AbortSignal) => {
    asked.push(after)
    signals.push(signal)
    const script = scripts.shift()
    if (script instanceof Response) return script
    if (script === undefined || script === 'refused') throw new TypeError('fetch failed')
    return new Response(script)
  }
  return { open, asked, signals }
}

function silentResponse(signal: () => AbortSignal | undefined): Response {
  const body = new ReadableStream({
    start(controller) {
      setTimeout(() => signal()?.addEventListener('abort', () => controller.error(new DOMException('', 'AbortError'))))
    },
  })
  return new Response(body)
}

function listener() {
  const events: NumberedEvent[] = []
  const told: string[] = []
  return {
    events,
    told,
    text: () => events.map(({ event }) => (event.type === 'delta' ? event.text : '')).join(''),
    follower: {
      onEvents: (batch: NumberedEvent[]) => events.push(...batch),
      onLost: () => told.push('lost'),
      onEnd: (how: string) => told.push(how),
    },
  }
}

describe('following', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  test('goes on behind the last event after a loss, each event once', async () => {
    const { open, asked } = gateway(delta(1, 'a') + delta(2, 'b'), delta(2, 'b') + delta(3, 'c'), sse(4, DONE))
    const heard = listener()

    follow(open, 0, heard.follower)
    await vi.advanceTimersByTimeAsync(2000)

    expect(heard.text()).toBe('abc')
    expect(asked).toEqual([0, 2, 3])
    expect(heard.told).toEqual(['lost', 'lost', 'ended'])
  })

  test('tries again while the gateway is away, and at once when the network is back', async () => {
    const { open, asked } = gateway('refused', 'refused', 'refused', 'refused', 'refused', sse(1, DONE))
    const heard = listener()

    follow(open, 0, heard.follower)
    await vi.advanceTimersByTimeAsync(500 + 1000 + 2000 + 4000)
    expect(asked).toHaveLength(5)
    window.dispatchEvent(new Event('online'))
    await vi.advanceTimersByTimeAsync(0)

    expect(heard.told.at(-1)).toBe('ended')
  })

  test('opens a silent connection again', async () => {
    const { open, asked, signals } = gateway(
      silentResponse(() => signals[0]),
      sse(1, DONE),
    )
    const heard = listener()

    follow(open, 0, heard.follower)
    await vi.advanceTimersByTimeAsync(36_000)

    expect(asked).toEqual([0, 0])
    expect(heard.told).toEqual(['lost', 'ended'])
  })

  test('ends when the gateway knows the generation no more', async () => {
    const { open, asked } = gateway(new Response('', { status: 404 }))
    const heard = listener()

    follow(open, 0, heard.follower)
    await vi.advanceTimersByTimeAsync(60_000)

    expect([asked, heard.told]).toEqual([[0], ['gone']])
  })

  test('asks no more once it was left', async () => {
    const { open, asked } = gateway('refused', 'refused')
    const heard = listener()

    const leave = follow(open, 0, heard.follower)
    leave()
    await vi.advanceTimersByTimeAsync(60_000)

    expect([asked, heard.told]).toEqual([[0], []])
  })
})
