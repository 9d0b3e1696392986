import { memo } from 'react'
import { calmTail } from './calm-tail'
import { rendered } from './render'

interface BlockViewProps {
  text: string
  appendix: string
  notes: string
  number: number | null
  /** It may still change. */
  growing: boolean
}

/** One block of prose, parsed once per text. */
export const BlockView = memo(function BlockView({ text, appendix, notes, number, growing }: BlockViewProps) {
  const shown = growing ? calmTail(text) : text
  return rendered(shown, { appendix, notes, number })
})
