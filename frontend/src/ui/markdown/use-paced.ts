import { useEffect, useLayoutEffect, useReducer, useRef } from 'react'

/** The share of time that showing new text may take. */
const SHARE = 1 / 3

/** A growing text, held back while showing it would keep the page busy; at once when it is `finished`. */
export function usePaced(text: string, finished: boolean): string {
  const last = useRef({ text, at: Number.NEGATIVE_INFINITY, cost: 0 })
  const [, again] = useReducer((count: number) => count + 1, 0)
  const began = performance.now()
  const wait = last.current.at + last.current.cost / SHARE - began
  const isDue = finished || wait <= 0
  const isNew = isDue && text !== last.current.text
  if (isDue) last.current.text = text
  useLayoutEffect(() => {
    if (isNew) last.current = { text, at: performance.now(), cost: performance.now() - began }
  })
  useEffect(() => {
    if (isDue) return
    const timer = setTimeout(again, wait)
    return () => clearTimeout(timer)
  }, [isDue, wait])
  return last.current.text
}
