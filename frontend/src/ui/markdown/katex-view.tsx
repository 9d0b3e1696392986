import katex from 'katex'
import { useLayoutEffect, useRef, useState } from 'react'
import 'katex/dist/katex.min.css'

interface KatexViewProps {
  tex: string
  display: boolean
}

/** Ends what never ends, and what would cover the page. */
const LIMITS = { trust: false, maxExpand: 200, maxSize: 20, strict: 'ignore' } as const

export default function KatexView({ tex, display }: KatexViewProps) {
  const place = useRef<HTMLSpanElement>(null)
  const [failed, setFailed] = useState<string | null>(null)
  useLayoutEffect(() => {
    if (!place.current) return
    try {
      // Into the element: KaTeX then sets styles by script, which the page's policy allows, not by attribute.
      katex.render(tex, place.current, { ...LIMITS, displayMode: display })
    } catch (error) {
      if (!(error instanceof katex.ParseError || error instanceof RangeError)) throw error
      place.current.replaceChildren()
      setFailed(tex)
    }
  }, [tex, display])
  return failed === tex ? <code className="md-tex">{tex}</code> : <span ref={place} dir="ltr" />
}
