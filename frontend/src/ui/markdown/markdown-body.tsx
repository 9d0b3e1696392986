import { useMemo, useRef } from 'react'
import { BlockGroup } from './block-group'
import './code-block.css'
import './markdown.css'
import { groupsOf } from './groups'
import { Notes } from './notes'
import { referencesOf } from './references'
import { type Split, split } from './split-blocks'
import { usePaced } from './use-paced'
import { useUnfolding } from './use-unfolding'

interface MarkdownBodyProps {
  text: string
  streaming: boolean
}

/** Only what changed since the last text is split and parsed again. */
export default function MarkdownBody({ text: written, streaming }: MarkdownBodyProps) {
  const text = usePaced(written, !streaming)
  const parts = useSplit(text, !streaming)
  const references = useMemo(() => referencesOf(parts.blocks, streaming), [parts, streaming])
  const groups = useMemo(() => groupsOf(parts.blocks), [parts])
  const unfolded = useUnfolding(text.length)
  const shown = groups.filter((group) => group.start <= unfolded)
  return (
    <div className="md">
      {shown.map((group, index) => (
        <BlockGroup
          key={group.start}
          blocks={group.blocks}
          references={references}
          streaming={streaming}
          growingFrom={parts.settled - group.index}
          settled={index < groups.length - 1}
        />
      ))}
      {shown.length < groups.length && <Rest length={text.length - unfolded} />}
      {shown.length === groups.length && <Notes references={references} />}
    </div>
  )
}

/** Room for what follows in the next frames, so that the page hardly grows. */
function Rest({ length }: { length: number }) {
  return <div aria-hidden style={{ height: `${Math.ceil(length / 60) * 26}px` }} />
}

/** The splitting goes on where it stopped; the ref only spares work, a lost one changes nothing. */
function useSplit(text: string, finished: boolean): Split {
  const before = useRef<Split>(undefined)
  return useMemo(() => {
    before.current = split(text, finished, before.current)
    return before.current
  }, [text, finished])
}
