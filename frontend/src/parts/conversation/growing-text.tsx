import { type KeyboardEvent, type Ref, useEffect, useLayoutEffect, useRef } from 'react'
import { cn } from '../../lib/cn'
import { useMedia } from '../../lib/use-media'
import { useSendKey } from '../send-key/send-key'

interface GrowingTextProps {
  label: string
  value: string
  onChange: (value: string) => void
  onSend: () => void
  onEscape?: () => void
  placeholder?: string
  /** `if-free` leaves the focus where somebody has put it meanwhile, such as in a menu. */
  autoFocus?: boolean | 'if-free'
  className?: string
  ref?: Ref<HTMLTextAreaElement>
}

/** A text field that grows to 40 % of the height. Enter sends and Shift-Enter begins a line, as the person chose. */
export function GrowingText({
  label,
  value,
  onChange,
  onSend,
  onEscape,
  placeholder,
  autoFocus = false,
  className,
  ref,
}: GrowingTextProps) {
  const field = useRef<HTMLTextAreaElement>(null)
  const sendKey = useSendKey()
  // A finger has no Shift: its Enter begins a line, and the button sends.
  const isTouch = useMedia('(pointer: coarse)')
  useGrowth(field, value)

  useEffect(() => {
    if (!autoFocus || (autoFocus === 'if-free' && !isFocusFree())) return
    field.current?.focus()
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length)
  }, [autoFocus])

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // Enter also takes what an input method offers.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === 'Escape' && onEscape !== undefined) {
      event.preventDefault()
      onEscape()
    }
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return
    const withModifier = event.ctrlKey || event.metaKey
    if (!withModifier && (isTouch || sendKey === 'mod-enter')) return
    event.preventDefault()
    onSend()
  }

  return (
    <textarea
      ref={(node) => {
        field.current = node
        if (typeof ref === 'function') ref(node)
        else if (ref) ref.current = node
      }}
      aria-label={label}
      rows={1}
      value={value}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
      className={cn(
        'field-sizing-content block max-h-[40dvh] resize-none bg-transparent text-16 leading-6 outline-none',
        className,
      )}
    />
  )
}

/** Nothing has it, or only the link that led here. */
function isFocusFree(): boolean {
  const focused = document.activeElement
  return focused === null || focused === document.body || focused.tagName === 'A'
}

const GROWS_BY_ITSELF = CSS.supports('field-sizing', 'content')

function useGrowth(field: { current: HTMLTextAreaElement | null }, value: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const node = field.current
    if (GROWS_BY_ITSELF || node === null) return
    node.style.height = 'auto'
    node.style.height = `${node.scrollHeight}px`
  }, [field, value])
}
