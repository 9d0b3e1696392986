// A generation's event stream: bytes to numbered events, taken up again after a loss with each event once.
import { createParser } from 'eventsource-parser'
import type { GenerationEvent, NumberedEvent } from './conversation-types'

/** The gateway breaks every silence after ten seconds; longer than this means that the connection is dead. */
const SILENCE_MS = 30_000
/** A page that was asleep does not wait that long: what was silent for this is opened again when it wakes up. */
const STALE_MS = 12_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

export interface Follower {
  /** Events in order, each once. */
  onEvents(events: NumberedEvent[]): void
  /** The connection is gone; it is being opened again. Every later event says that it is back. */
  onLost(): void
  /** The log ended with its last event, or the gateway knows the generation no more. */
  onEnd(how: 'ended' | 'gone'): void
}

/** Opens the stream behind event `after`; rejects when there is no connection. */
export type OpenStream = (after: number, signal: AbortSignal) => Promise<Response>

/** Follows a generation to its end; call what comes back to stop listening (the generation goes on). */
export function follow(open: OpenStream, after: number, follower: Follower): () => void {
  const leaving = new AbortController()
  void followToEnd(open, after, follower, leaving.signal)
  return () => leaving.abort()
}

async function followToEnd(open: OpenStream, start: number, follower: Follower, left: AbortSignal): Promise<void> {
  let after = start
  let failures = 0
  while (!left.aborted) {
    const before = after
    const end = await readOnce(open, after, left, (events) => {
      after = events.at(-1)?.number ?? after
      follower.onEvents(events)
    })
    if (left.aborted) return
    if (end !== 'lost') return follower.onEnd(end)
    failures = after > before ? 1 : failures + 1
    follower.onLost()
    await pause(pauseMs(failures), left)
  }
}

/** 0.5 s, 1 s, 2 s … 10 s. */
export function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
}

type End = 'ended' | 'gone' | 'lost'

async function readOnce(
  open: OpenStream,
  after: number,
  left: AbortSignal,
  onEvents: (events: NumberedEvent[]) => void,
): Promise<End> {
  const watch = watchConnection(left)
  try {
    const response = await open(after, watch.signal)
    if (response.status === 404) return 'gone'
    if (!response.ok || response.body === null) return 'lost'
    return await readBody(response.body, after, watch, onEvents)
  } catch {
    // fetch and the reader reject for one reason: no connection (any more).
    return 'lost'
  } finally {
    watch.end()
  }
}

async function readBody(
  body: ReadableStream<Uint8Array>,
  after: number,
  watch: ConnectionWatch,
  onEvents: (events: NumberedEvent[]) => void,
): Promise<End> {
  const cut = eventCutter(after)
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return 'lost'
    watch.heard()
    const { events, ended } = cut(value)
    if (events.length > 0) onEvents(events)
    // The end of the watch closes the connection.
    if (ended) return 'ended'
  }
}

/** Cuts the stream's bytes into events; those up to `after` and repeated ones are left out. */
export function eventCutter(after: number): (bytes: Uint8Array) => { events: NumberedEvent[]; ended: boolean } {
  const decoder = new TextDecoder()
  let last = after
  let ended = false
  let events: NumberedEvent[] = []
  const parser = createParser({
    onEvent(message) {
      const event = JSON.parse(message.data) as GenerationEvent
      const number = Number(message.id ?? 0)
      if (event.type === 'snapshot') {
        last = number
      } else {
        if (number <= last) return
        last = number
      }
      events.push({ number, event })
      ended ||= isLast(event)
    },
  })
  return (bytes) => {
    events = []
    parser.feed(decoder.decode(bytes, { stream: true }))
    return { events, ended }
  }
}

function isLast(event: GenerationEvent): boolean {
  if (event.type === 'snapshot') return event.message.status !== 'streaming'
  return event.type === 'done' || event.type === 'error'
}

interface ConnectionWatch {
  signal: AbortSignal
  /** Bytes have come. */
  heard(): void
  end(): void
}

/** Gives up on a connection that is silent too long, or was when the page woke up or the network came back. */
function watchConnection(left: AbortSignal): ConnectionWatch {
  const giveUp = new AbortController()
  let heardAt = Date.now()
  const abort = () => giveUp.abort()
  const abortWhenSilentFor = (ms: number) => Date.now() - heardAt >= ms && abort()
  const onVisible = () => document.visibilityState === 'visible' && abortWhenSilentFor(STALE_MS)
  const timer = setInterval(() => abortWhenSilentFor(SILENCE_MS), SILENCE_MS / 6)
  left.addEventListener('abort', abort)
  window.addEventListener('online', abort)
  document.addEventListener('visibilitychange', onVisible)
  return {
    signal: giveUp.signal,
    heard() {
      heardAt = Date.now()
    },
    end() {
      clearInterval(timer)
      left.removeEventListener('abort', abort)
      window.removeEventListener('online', abort)
      document.removeEventListener('visibilitychange', onVisible)
      abort()
    },
  }
}

/** Waits; not longer than until the network is back or the page is looked at again. */
function pause(ms: number, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    const onVisible = () => document.visibilityState === 'visible' && end()
    function end() {
      clearTimeout(timer)
      window.removeEventListener('online', end)
      document.removeEventListener('visibilitychange', onVisible)
      left.removeEventListener('abort', end)
      resolve()
    }
    window.addEventListener('online', end)
    document.addEventListener('visibilitychange', onVisible)
    left.addEventListener('abort', end)
  })
}
