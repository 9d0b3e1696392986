import { memo, useEffect, useMemo, useState } from 'react'
import { partsOf, type Run, runsOf, type Token } from './code-colours'
import { Signs } from './signs-view'

interface CodeLinesProps {
  code: string
  tokens: Token[] | null
}

/** In lines: what is drawn at once. */
const PART = 80

/** Code in parts, so that a line more draws one part again and colours come in a part per frame. */
export function CodeLines({ code, tokens }: CodeLinesProps) {
  const parts = useMemo(() => partsOf(code, PART), [code])
  const runs = useMemo(() => (tokens ? runsOf(parts, tokens) : null), [parts, tokens])
  const coloured = useGrowing(runs?.length ?? 0)
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts are counted from the top and never move
    <Part key={index} text={part} runs={index < coloured ? (runs?.[index] ?? null) : null} />
  ))
}

interface PartProps {
  text: string
  runs: Run[] | null
}

const Part = memo(function Part({ text, runs }: PartProps) {
  let at = 0
  return (
    <span className="md-code-part">
      {runs === null ? (
        <Signs text={text} />
      ) : (
        runs.map((run) => {
          at += run.text.length
          const shown = <Signs key={at} text={run.text} />
          return run.colour === '' ? (
            shown
          ) : (
            <span key={at} className={`md-c-${run.colour}`}>
              {shown}
            </span>
          )
        })
      )}
    </span>
  )
})

/** Counts up to `length`, one per frame; the first counts at once. */
function useGrowing(length: number): number {
  const [count, setCount] = useState(1)
  const isWhole = count >= length
  useEffect(() => {
    if (isWhole) return
    const frame = requestAnimationFrame(() => setCount(count + 1))
    return () => cancelAnimationFrame(frame)
  }, [isWhole, count])
  return Math.min(count, length)
}
