// The attempts of one answer on a common scale. Pure.
import type { SentAttempt } from '../../api/conversation-types'

export interface AttemptBar {
  attempt: SentAttempt
  /** Shares of the whole time, 0 to 1: where it began, its wait for the first token, the rest. */
  start: number
  waiting: number
  writing: number
}

export function attemptBars(attempts: readonly SentAttempt[]): { bars: AttemptBar[]; totalMs: number } {
  const begun = attempts.map((attempt) => Date.parse(attempt.started_at))
  const first = Math.min(...begun)
  const ends = attempts.map((attempt, position) => (begun[position] ?? first) - first + attempt.total_ms)
  const totalMs = Math.max(1, ...ends)
  const bars = attempts.map((attempt, position) => {
    const waitingMs = Math.min(attempt.first_token_ms ?? attempt.total_ms, attempt.total_ms)
    return {
      attempt,
      start: ((begun[position] ?? first) - first) / totalMs,
      waiting: waitingMs / totalMs,
      writing: (attempt.total_ms - waitingMs) / totalMs,
    }
  })
  return { bars, totalMs }
}
