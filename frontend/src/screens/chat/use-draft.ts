import { useEffect, useRef, useState } from 'react'
import type { Attachment } from '../../api/conversation-types'
import { useMe } from '../../api/session'
import { type Draft, draftsOf } from './drafts'

const REST_MS = 300

/** What is in the field, kept for this conversation while it is written. */
export function useDraft(draftKey: string | null) {
  const me = useMe()
  const [drafts] = useState(() => draftsOf(me.id, localStorage))
  const [initial] = useState<Draft>(() => (draftKey === null ? { text: '', attachments: [] } : drafts.read(draftKey)))
  const [text, setText] = useState(initial.text)
  const latest = useRef<Draft>(initial)
  const attachments = useRef(initial.attachments)

  useEffect(() => {
    latest.current = { text, attachments: attachments.current }
    if (draftKey === null) return
    const timer = setTimeout(() => drafts.write(draftKey, latest.current), REST_MS)
    return () => clearTimeout(timer)
  })

  useEffect(() => {
    if (draftKey === null) return
    const write = () => drafts.write(draftKey, latest.current)
    addEventListener('pagehide', write)
    return () => {
      removeEventListener('pagehide', write)
      write()
    }
  }, [drafts, draftKey])

  return {
    initial,
    text,
    setText,
    /** Says what else belongs to the draft now. */
    keep(now: readonly Attachment[]) {
      attachments.current = now
    },
  }
}
