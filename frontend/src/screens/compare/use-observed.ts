import { useEffect, useState } from 'react'
import type { Message } from '../../api/conversation-types'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { type Figures, figuresOf, type Observed } from './compare-figures'

const EVERY_MS = 250

/** The figures of the answers, four times a second while any of them runs. */
export function useFigures(answers: readonly (Message | null)[], live: LiveAnswers): Figures {
  const [watched] = useState(() => new Map<string, Observed>())
  const [now, setNow] = useState(() => Date.now())
  const running = answers.filter((answer) => answer?.status === 'streaming').map((answer) => answer?.id ?? '')
  const key = running.join(' ')
  useEffect(() => {
    const ids = key.split(' ').filter(Boolean)
    if (ids.length === 0) return
    // Each frame is heard, so that the first token is timed to the frame.
    const leave = ids.map((id) => live.subscribe(id, () => note(watched, live, id)))
    const timer = setInterval(() => setNow(Date.now()), EVERY_MS)
    return () => {
      clearInterval(timer)
      for (const stop of leave) stop()
    }
  }, [key, live, watched])
  const current = answers.map((answer) => (answer === null ? null : (live.get(answer.id)?.message ?? answer)))
  return figuresOf(
    current,
    answers.map((answer) => watched.get(answer?.id ?? '') ?? null),
    now,
  )
}

function note(watched: Map<string, Observed>, live: LiveAnswers, id: string): void {
  const answer = live.get(id)
  if (answer === undefined || watched.has(id)) return
  const { content, reasoning, tool_calls: calls } = answer.message
  if (content === '' && !reasoning && calls.length === 0) return
  watched.set(id, { startedAt: answer.waitingSince, firstTokenAt: Date.now() })
}
