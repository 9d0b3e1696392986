import { useState } from 'react'
import './copyable.css'

interface CopyableProps {
  /** What it is, for the button's name: "base URL". */
  name: string
  text: string
}

/** A line of code with a button that copies it. */
export function Copyable({ name, text }: CopyableProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)

  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setOutcome('copied')
    } catch {
      // Browsers give pages without TLS no clipboard.
      setOutcome('failed')
    }
  }

  return (
    <div className="copyable">
      <code>{text}</code>
      <button type="button" onClick={copy} aria-label={`Copy ${name}`}>
        {outcome === 'copied' ? 'Copied' : 'Copy'}
      </button>
      <span role="status" className="copyable-note">
        {outcome === 'failed' && 'This browser does not let the page copy. Select the text instead.'}
      </span>
    </div>
  )
}
