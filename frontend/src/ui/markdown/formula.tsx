import { lazy, Suspense } from 'react'

const load = () => import('./katex-view')
const KatexView = lazy(load)

interface FormulaProps {
  tex: string
  display: boolean
}

/** Typeset once KaTeX has come, its source before. */
export function Formula({ tex, display }: FormulaProps) {
  return (
    <span className={display ? 'md-formula md-display' : 'md-formula'}>
      <Suspense fallback={<code className="md-tex">{tex}</code>}>
        <KatexView tex={tex} display={display} />
      </Suspense>
    </span>
  )
}
