import { ChevronDown, ChevronUp, Search, X } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { IconButton } from '../../ui/icon-button'
import { foundMessages } from './found-messages'
import './found.css'
import { mark, rangesOf, unmark } from './marks'
import type { MessageListHandle } from './message-list'

interface FindBarProps {
  messages: readonly Message[]
  list: RefObject<MessageListHandle | null>
  onClose: () => void
}

/** Finds words in the whole shown branch, of which the browser's own search sees only what is drawn. */
export function FindBar({ messages, list, onClose }: FindBarProps) {
  const { t } = useTranslation('chat')
  const [words, setWords] = useState('')
  const [position, setPosition] = useState<number | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const found = useMemo(() => foundMessages(messages, words), [messages, words])
  // The newest is nearest to where the reader is.
  const shown = position ?? found.length - 1
  const messageId = found[shown]

  useEffect(() => field.current?.focus(), [])
  useEffect(() => unmark, [])
  useEffect(() => {
    if (messageId === undefined) return unmark()
    list.current?.scrollTo(messageId)
    return afterDrawing(() => markIn(messageId, words))
  }, [list, messageId, words])

  function step(by: number) {
    if (found.length > 0) setPosition((shown + by + found.length) % found.length)
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape') onClose()
    if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: React and browsers of last year do not know <search>
    <div
      role="search"
      className="absolute top-2 right-4 left-4 z-20 flex animate-rise items-center gap-1 rounded-card border border-line bg-surface-1 p-1 pl-3 shadow-float sm:left-auto sm:w-96"
    >
      <Search aria-hidden="true" className="size-4 shrink-0 text-muted" />
      <input
        ref={field}
        aria-label={t('find.label')}
        placeholder={t('find.label')}
        value={words}
        onChange={(event) => {
          setWords(event.target.value)
          setPosition(null)
        }}
        onKeyDown={onKeyDown}
        className="target min-w-0 grow bg-transparent px-1 text-14 outline-none"
      />
      <span role="status" className="shrink-0 text-13 text-muted tabular-nums">
        {words.trim() !== '' && (found.length === 0 ? t('find.none') : `${shown + 1}/${found.length}`)}
      </span>
      <IconButton size="small" label={t('find.before')} disabled={found.length === 0} onClick={() => step(-1)}>
        <ChevronUp className="size-4" />
      </IconButton>
      <IconButton size="small" label={t('find.after')} disabled={found.length === 0} onClick={() => step(1)}>
        <ChevronDown className="size-4" />
      </IconButton>
      <IconButton size="small" label={t('close')} onClick={onClose}>
        <X className="size-4" />
      </IconButton>
    </div>
  )
}

function markIn(messageId: string, words: string): void {
  const article = document.querySelector(`[data-message="${messageId}"]`)
  const ranges = article === null ? [] : rangesOf(article, words)
  mark(ranges, ranges[0])
  ranges[0]?.startContainer.parentElement?.scrollIntoView({ block: 'center' })
}

/** The list has drawn the message it scrolled to two frames later; its Markdown a moment after that. */
const DRAWN_MS = 120

function afterDrawing(run: () => void): () => void {
  const timer = setTimeout(run, DRAWN_MS)
  return () => clearTimeout(timer)
}
