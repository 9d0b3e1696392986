// Answers while they run, outside React Query: events are gathered and applied once per frame, and only the
// views of that one message hear of it.
import type { AnswerProgress, Message, NumberedEvent } from '../../api/conversation-types'
import { type Follower, follow, type OpenStream } from '../../api/events'
import { advanceAll } from './advance'

export interface LiveAnswer {
  message: Message
  /** When the wait for the first token began, in this browser's time. */
  waitingSince: number
  /** What is waited for before the first token, where the provider tells. */
  progress: AnswerProgress | null
  /** When it began to think, and for how long it thought; null before. */
  thinkingSince: number | null
  thoughtMs: number | null
  /** The connection is gone and being opened again. */
  lost: boolean
}

export interface LiveAnswersOptions {
  open(generationId: string): OpenStream
  /** The answer as this page knows it has come to its end. */
  onEnd(message: Message): Promise<void>
}

export class LiveAnswers {
  readonly #options: LiveAnswersOptions
  readonly #running = new Map<string, Run>()
  readonly #listeners = new Map<string, Set<() => void>>()

  constructor(options: LiveAnswersOptions) {
    this.#options = options
  }

  /** Follows a message that streams, unless it is followed already. */
  follow(message: Message, waitingSince: number): void {
    const generation = message.generation_id
    if (message.status !== 'streaming' || generation === null || this.#running.has(message.id)) return
    const run = new Run(message, waitingSince, () => this.#tell(message.id))
    this.#running.set(message.id, run)
    run.start(this.#options.open(generation), () => void this.#end(message.id, run))
    this.#tell(message.id)
  }

  /** The message is final: whatever was heard of it so far says no more than it does. */
  forget(messageId: string): void {
    const run = this.#running.get(messageId)
    if (run === undefined) return
    run.leave()
    this.#running.delete(messageId)
    this.#tell(messageId)
  }

  get(messageId: string): LiveAnswer | undefined {
    return this.#running.get(messageId)?.answer
  }

  subscribe(messageId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(messageId) ?? new Set()
    this.#listeners.set(messageId, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Stops listening to all of them; they go on at the gateway. */
  leave(): void {
    for (const run of this.#running.values()) run.leave()
    this.#running.clear()
  }

  async #end(messageId: string, run: Run): Promise<void> {
    await this.#options.onEnd(run.answer.message)
    if (this.#running.get(messageId) !== run) return
    this.#running.delete(messageId)
    this.#tell(messageId)
  }

  #tell(messageId: string): void {
    for (const listener of this.#listeners.get(messageId) ?? []) listener()
  }
}

class Run implements Follower {
  answer: LiveAnswer
  readonly #tell: () => void
  #waiting: NumberedEvent[] = []
  #cancelFlush: (() => void) | null = null
  #stopFollowing: () => void = () => undefined
  #ended: () => void = () => undefined

  constructor(message: Message, waitingSince: number, tell: () => void) {
    // What it thought before this page came is known from what was stored.
    const thinkingSince = message.reasoning ? Date.now() - (message.reasoning_ms ?? 0) : null
    const thoughtMs = isBeyondThinking(message) ? message.reasoning_ms : null
    this.answer = { message, waitingSince, progress: null, thinkingSince, thoughtMs, lost: false }
    this.#tell = tell
  }

  start(open: OpenStream, ended: () => void): void {
    this.#ended = ended
    this.#stopFollowing = follow(open, this.answer.message.last_event, this)
  }

  leave(): void {
    this.#stopFollowing()
    this.#cancelFlush?.()
  }

  onEvents(events: NumberedEvent[]): void {
    this.#waiting.push(...events)
    this.#cancelFlush ??= nextFrame(() => this.#flush())
  }

  onLost(): void {
    this.answer = { ...this.answer, lost: true }
    this.#tell()
  }

  onEnd(): void {
    this.#cancelFlush?.()
    this.#flush()
    this.#ended()
  }

  #flush(): void {
    this.#cancelFlush = null
    const events = this.#waiting
    this.#waiting = []
    const message = advanceAll(this.answer.message, events)
    const progress = progressIn(events) ?? this.answer.progress
    this.answer = { ...this.answer, ...thinkingOf(this.answer, message, Date.now()), message, progress, lost: false }
    this.#tell()
  }
}

/** The newest that is told of what comes before the answer. */
function progressIn(events: readonly NumberedEvent[]): AnswerProgress | undefined {
  return events.findLast(({ event }) => event.type === 'progress')?.event as AnswerProgress | undefined
}

/** When thinking began and how long it took, measured here until the gateway says it. */
function thinkingOf(
  before: LiveAnswer,
  message: Message,
  now: number,
): Pick<LiveAnswer, 'thinkingSince' | 'thoughtMs'> {
  const since = before.thinkingSince ?? (message.reasoning ? now : null)
  const measured = since !== null && isBeyondThinking(message) ? now - since : null
  return { thinkingSince: since, thoughtMs: before.thoughtMs ?? measured }
}

function isBeyondThinking(message: Message): boolean {
  return message.content !== '' || message.tool_calls.length > 0 || message.status !== 'streaming'
}

/** Hidden pages draw no frames, but their title and announcements go on. */
const HIDDEN_FLUSH_MS = 250

function nextFrame(run: () => void): () => void {
  if (document.visibilityState === 'hidden') {
    const timer = setTimeout(run, HIDDEN_FLUSH_MS)
    return () => clearTimeout(timer)
  }
  const frame = requestAnimationFrame(run)
  return () => cancelAnimationFrame(frame)
}
