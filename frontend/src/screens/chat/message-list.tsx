import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import type { Message } from '../../api/conversation-types'
import { estimatedHeight } from './estimated-height'

/** Closer than this the reader is at the end, and the list follows what is written. */
const AT_END_PX = 8
/** Further than this the way back is offered. */
const FAR_PX = 160
const FIRST_COLUMN_PX = 736
const END_PADDING_PX = 24

export interface MessageListHandle {
  scrollToEnd(): void
  /** Puts a message at the top; whether it is shown. */
  scrollTo(messageId: string): boolean
  /** The same as soon as the message is shown, if it is not yet. */
  reveal(messageId: string): void
}

export interface MessageListProps {
  label: string
  messages: readonly Message[]
  /** Stays the same when a message that is being sent gets its id. */
  keyOf(message: Message): string
  /** What a message is called: who says it. */
  nameOf(message: Message): string
  /** Stays drawn wherever the reader goes, because something is being written in it. */
  keptId?: string | null
  /** Called when the reader goes away from the end or comes back to it. */
  onFarFromEnd(far: boolean): void
  renderMessage(message: Message, position: number): ReactNode
  /** Stands above the messages at the foot of what is seen. */
  foot?: ReactNode
  ref?: Ref<MessageListHandle>
}

/** The messages of the shown branch: only those in sight are drawn, and nothing moves under the reader's eye. */
export function MessageList({ label, messages, keptId = null, foot, ref, ...props }: MessageListProps) {
  const { keyOf, nameOf, onFarFromEnd, renderMessage } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [columnPx, setColumnPx] = useState(FIRST_COLUMN_PX)
  const isFar = useRef(false)
  const wanted = useRef<string | null>(null)
  const kept = keptId === null ? -1 : messages.findIndex(({ id }) => id === keptId)
  const virtualizer = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: (position) => estimatedHeight(at(messages, position), columnPx),
    getItemKey: (position) => keyOf(at(messages, position)),
    rangeExtractor: (range) => withKept(range, kept),
    overscan: 4,
    paddingEnd: END_PADDING_PX,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
    directDomUpdates: true,
    directDomUpdatesMode: 'position',
    onChange(instance) {
      const now = instance.getDistanceFromEnd() > FAR_PX
      if (now === isFar.current) return
      isFar.current = now
      onFarFromEnd(now)
    },
  })

  useLayoutEffect(() => {
    const width = scroller.current?.firstElementChild?.clientWidth
    if (width) setColumnPx(width)
    virtualizer.scrollToEnd()
  }, [virtualizer])

  function scrollTo(messageId: string): boolean {
    const position = messages.findIndex(({ id }) => id === messageId)
    if (position >= 0) virtualizer.scrollToIndex(position, { align: 'start' })
    return position >= 0
  }

  useImperativeHandle(ref, () => ({
    scrollToEnd: () => virtualizer.scrollToEnd(),
    scrollTo,
    reveal(messageId) {
      if (!scrollTo(messageId)) wanted.current = messageId
    },
  }))

  useEffect(() => {
    if (wanted.current !== null && scrollTo(wanted.current)) wanted.current = null
  })

  return (
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain [overflow-anchor:none] [scrollbar-gutter:stable_both-edges]"
      // A region that scrolls takes focus, so that arrow keys reach it.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the reason above
      tabIndex={0}
    >
      <div
        ref={virtualizer.containerRef}
        role="feed"
        aria-label={label}
        className="relative mx-auto w-full max-w-[49rem]"
      >
        {virtualizer.getVirtualItems().map(({ key, index }) => {
          const message = at(messages, index)
          return (
            <article
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              data-message={message.id}
              aria-posinset={index + 1}
              aria-setsize={messages.length}
              aria-label={nameOf(message)}
              className="absolute left-0 w-full px-4 sm:px-6"
            >
              {renderMessage(message, index)}
            </article>
          )
        })}
      </div>
      {foot}
    </div>
  )
}

function withKept(range: Range, kept: number): number[] {
  const positions = defaultRangeExtractor(range)
  return kept < 0 || positions.includes(kept) ? positions : [...positions, kept].sort((one, other) => one - other)
}

function at(messages: readonly Message[], position: number): Message {
  const message = messages[position]
  if (message === undefined) throw new RangeError(`no message ${position}`)
  return message
}
