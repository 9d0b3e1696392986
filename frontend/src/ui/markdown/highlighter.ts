/** Asks a worker for the colours of code, one piece after the other, and keeps what was answered. */

import type { Token } from './code-colours'

interface Answer {
  id: number
  tokens: Token[] | null
}

interface Asked {
  id: number
  code: string
  language: string
  answer: (tokens: Token[] | null) => void
}

/** Longer code stays plain. */
export const LONGEST_CODE = 200_000
/** What a grammar may take before it is given up: some can be made to take for ever. */
const PATIENCE_MS = 4_000
const KEPT = 300

class Highlighter {
  private readonly kept = new Map<string, Token[] | null>()
  private readonly waiting: Asked[] = []
  private worker: Worker | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private count = 0

  /** What is known already; undefined: ask. */
  known(code: string, language: string): Token[] | null | undefined {
    return this.kept.get(keyOf(code, language))
  }

  /** Null where code stays plain: too long, no grammar, or one that does not come to an end. */
  ask(code: string, language: string, answer: Asked['answer']) {
    if (code.length > LONGEST_CODE || typeof Worker === 'undefined') {
      answer(null)
      return
    }
    this.count += 1
    this.waiting.push({ id: this.count, code, language, answer })
    if (this.waiting.length === 1) this.next()
  }

  private next() {
    const first = this.waiting[0]
    if (!first) return
    this.timer = setTimeout(() => this.giveUp(), PATIENCE_MS)
    const { id, code, language } = first
    this.running().postMessage({ id, code, language })
  }

  private running(): Worker {
    if (this.worker) return this.worker
    this.worker = new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' })
    this.worker.addEventListener('message', (event: MessageEvent<Answer>) => this.take(event.data))
    this.worker.addEventListener('error', () => this.giveUp())
    return this.worker
  }

  private giveUp() {
    this.worker?.terminate()
    this.worker = null
    const first = this.waiting[0]
    if (first) this.take({ id: first.id, tokens: null })
  }

  private take({ id, tokens }: Answer) {
    const first = this.waiting[0]
    if (first?.id !== id) return
    clearTimeout(this.timer)
    this.waiting.shift()
    this.keep(keyOf(first.code, first.language), tokens)
    this.next()
    first.answer(tokens)
  }

  private keep(key: string, tokens: Token[] | null) {
    this.kept.set(key, tokens)
    const oldest = this.kept.keys().next()
    if (this.kept.size > KEPT && !oldest.done) this.kept.delete(oldest.value)
  }
}

const keyOf = (code: string, language: string) => `${language}\n${code}`

export const highlighter = new Highlighter()
