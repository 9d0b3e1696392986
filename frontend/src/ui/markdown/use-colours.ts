import { useEffect, useState } from 'react'
import type { Token } from './code-colours'
import { highlighter } from './highlighter'

interface Coloured {
  code: string
  tokens: Token[] | null
}

/** The colours of whole code, once they are there; null until then and for code that stays plain. */
export function useColours(code: string, language: string | null, whole: boolean): Token[] | null {
  const wanted = whole && language !== null && code !== ''
  const known = wanted ? highlighter.known(code, language) : null
  const [coloured, setColoured] = useState<Coloured | null>(null)
  useEffect(() => {
    if (!wanted || known !== undefined) return
    let isMounted = true
    highlighter.ask(code, language, (tokens) => isMounted && setColoured({ code, tokens }))
    return () => {
      isMounted = false
    }
  }, [wanted, known, code, language])
  return known ?? (coloured?.code === code ? coloured.tokens : null)
}
