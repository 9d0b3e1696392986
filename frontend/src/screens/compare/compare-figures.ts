// The slim table below the columns: what each answer took, and whose figure is best. Pure.
import type { Message } from '../../api/conversation-types'

export type FigureName = 'firstToken' | 'speed' | 'tokens' | 'cost'

export interface Figure {
  value: number
  /** Measured here while it runs; the gateway's own figure replaces it. */
  live: boolean
  best: boolean
}

/** What this browser saw of an answer that runs. Times in milliseconds of one clock. */
export interface Observed {
  startedAt: number
  firstTokenAt: number | null
}

export type Figures = Record<FigureName, (Figure | null)[]>

const SMALLER_IS_BETTER: Record<FigureName, boolean> = { firstToken: true, speed: false, tokens: true, cost: true }

/**
 * One figure per answer, null where there is none yet (or no answer). While one of them runs, all first tokens are those
 * that were seen here: the gateway's, without the way to this page, would always win.
 */
export function figuresOf(
  answers: readonly (Message | null)[],
  seen: readonly (Observed | null)[],
  now: number,
): Figures {
  const isRunning = answers.some((answer) => answer?.status === 'streaming')
  const all = answers.map((answer, index) => {
    if (answer === null) return null
    const own = seen[index] ?? null
    if (answer.status === 'streaming') return liveFigures(answer, own, now)
    const ended = finalFigures(answer)
    return isRunning ? { ...ended, firstToken: seenFirstToken(own) ?? ended.firstToken } : ended
  })
  // An answer that was cut short is no shorter answer.
  const isWhole = answers.map((answer) => answer?.status === 'done')
  const row = (name: FigureName) =>
    withBest(
      name,
      all.map((one) => one?.[name] ?? null),
      isWhole,
    )
  return { firstToken: row('firstToken'), speed: row('speed'), tokens: row('tokens'), cost: row('cost') }
}

type Plain = Omit<Figure, 'best'> | null

function finalFigures(answer: Message): Record<FigureName, Plain> {
  const isCounted = answer.usage !== null && answer.usage.source !== 'absent'
  return {
    firstToken: final(answer.timings?.first_token_ms),
    speed: final(answer.timings?.tokens_per_second),
    tokens: isCounted ? final(answer.usage?.completion_tokens) : null,
    // What cost nothing because nothing came is not free.
    cost: isCounted || answer.content !== '' ? final(answer.cost_usd) : null,
  }
}

function liveFigures(answer: Message, seen: Observed | null, now: number): Record<FigureName, Plain> {
  const tokens =
    answer.usage?.completion_tokens ?? Math.ceil((answer.content.length + (answer.reasoning?.length ?? 0)) / 4)
  const first = seen?.firstTokenAt ?? null
  const seconds = first === null ? 0 : (now - first) / 1000
  return {
    firstToken: seenFirstToken(seen),
    // The first moments say nothing of the speed.
    speed: seconds < 0.5 ? null : live(tokens / seconds),
    tokens: tokens === 0 ? null : live(tokens),
    cost: null,
  }
}

function seenFirstToken(seen: Observed | null): Plain {
  return seen === null || seen.firstTokenAt === null ? null : live(seen.firstTokenAt - seen.startedAt)
}

function final(value: number | null | undefined): Plain {
  return value === null || value === undefined ? null : { value, live: false }
}

function live(value: number): Plain {
  return { value, live: true }
}

/** Best is what at least one other figure is worse than, as far as it can be seen. */
function withBest(name: FigureName, row: Plain[], isWhole: boolean[]): (Figure | null)[] {
  const seen = row.map((one, index) => {
    const counts = one !== null && (isWhole[index] || name === 'firstToken' || name === 'speed')
    return counts ? asSeen(name, one.value) : null
  })
  const values = seen.filter((value) => value !== null)
  const best = SMALLER_IS_BETTER[name] ? Math.min(...values) : Math.max(...values)
  const differs = values.some((value) => value !== best)
  return row.map((one, index) => one && { ...one, best: differs && seen[index] === best })
}

/** Rounded as people see it: nobody wins by a thousandth of a second. */
function asSeen(name: FigureName, value: number): number {
  if (name === 'tokens' || name === 'cost') return value
  const step = name === 'speed' ? (value < 10 ? 0.1 : 1) : value < 1000 ? 10 : 100
  return Math.round(value / step) * step
}
