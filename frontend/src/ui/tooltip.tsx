import { Slot } from 'radix-ui'
import { type ReactElement, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { Kbd } from './kbd'
import { placeBeside, type Side } from './place-beside'

const DELAY_MS = 400
/** Whoever reads one after the other does not wait for each. */
const SKIP_MS = 300
/** Long enough to get from the thing to its tooltip. */
const LEAVE_MS = 120

let lastShownAt = 0

interface TooltipProps {
  text: string
  shortcut?: string | undefined
  /** One element that takes a ref and focus. */
  children: ReactElement
  side?: Side
}

/** A word on hover and focus; never the only place where something is said. */
export function Tooltip({ text, shortcut, children, side = 'top' }: TooltipProps) {
  const id = useId()
  const [anchor, setAnchor] = useState<Element | null>(null)
  const timer = useRef<number | undefined>(undefined)
  const later = (ms: number, act: () => void) => {
    window.clearTimeout(timer.current)
    timer.current = window.setTimeout(act, ms)
  }
  const hide = () => {
    window.clearTimeout(timer.current)
    if (anchor !== null) lastShownAt = Date.now()
    setAnchor(null)
  }
  useEffect(() => () => window.clearTimeout(timer.current), [])

  return (
    <>
      <Slot.Root
        {...(anchor !== null && { 'aria-describedby': id })}
        onPointerEnter={({ currentTarget, pointerType }) => {
          if (pointerType === 'touch') return
          later(Date.now() - lastShownAt < SKIP_MS ? 0 : DELAY_MS, () => setAnchor(currentTarget))
        }}
        onPointerLeave={() => later(LEAVE_MS, hide)}
        onPointerDown={hide}
        onFocus={({ currentTarget }) => {
          if (currentTarget.matches(':focus-visible')) setAnchor(currentTarget)
        }}
        onBlur={hide}
      >
        {children}
      </Slot.Root>
      {anchor !== null && (
        <Bubble
          id={id}
          anchor={anchor}
          side={side}
          text={text}
          shortcut={shortcut}
          onHold={() => window.clearTimeout(timer.current)}
          onGone={hide}
        />
      )}
    </>
  )
}

interface BubbleProps {
  id: string
  anchor: Element
  side: Side
  text: string
  shortcut: string | undefined
  onHold: () => void
  onGone: () => void
}

function Bubble({ id, anchor, side, text, shortcut, onHold, onGone }: BubbleProps) {
  const bubble = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (bubble.current === null) return
    const { left, top } = placeBeside(anchor.getBoundingClientRect(), bubble.current.getBoundingClientRect(), side, {
      width: innerWidth,
      height: innerHeight,
    })
    bubble.current.style.left = `${left}px`
    bubble.current.style.top = `${top}px`
  }, [anchor, side])
  const gone = useRef(onGone)
  useEffect(() => {
    gone.current = onGone
  })
  useEffect(() => {
    const leave = new AbortController()
    const hide = () => gone.current()
    addEventListener('keydown', (event) => event.key === 'Escape' && hide(), { signal: leave.signal })
    addEventListener('scroll', hide, { capture: true, signal: leave.signal })
    return () => leave.abort()
  }, [])

  return createPortal(
    <div
      ref={bubble}
      id={id}
      role="tooltip"
      onPointerEnter={onHold}
      onPointerLeave={onGone}
      className="fixed z-60 flex w-max max-w-80 animate-appear items-center gap-2 rounded-control bg-text px-2 py-1 text-12 text-surface-1"
    >
      {text}
      {shortcut !== undefined && <Kbd keys={shortcut} inverted />}
    </div>,
    document.body,
  )
}
