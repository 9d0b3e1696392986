import { Suspense, useImperativeHandle, useRef } from 'react'
import { lazyPart } from '../../lib/lazy-part'
import type { MessageListHandle, MessageListProps } from './message-list'

const load = () => import('./message-list').then((module) => module.MessageList)
const Loaded = lazyPart(load)
// Wanted at once, beside the messages themselves; only writing need not wait for it. A failure comes again when it is shown.
void load().catch(() => null)

/** The list as soon as it is loaded; what it is to reveal by then it reveals then. */
export function LaterMessageList({ ref, ...props }: MessageListProps) {
  const list = useRef<MessageListHandle>(null)
  const wanted = useRef<string | null>(null)
  useImperativeHandle(ref, () => ({
    scrollToEnd: () => list.current?.scrollToEnd(),
    scrollTo: (messageId) => list.current?.scrollTo(messageId) ?? false,
    reveal(messageId) {
      if (list.current === null) wanted.current = messageId
      else list.current.reveal(messageId)
    },
  }))

  function adopt(handle: MessageListHandle | null) {
    list.current = handle
    if (handle === null || wanted.current === null) return
    handle.reveal(wanted.current)
    wanted.current = null
  }

  return (
    <Suspense fallback={<div className="min-h-0 flex-1" />}>
      <Loaded ref={adopt} {...props} />
    </Suspense>
  )
}
