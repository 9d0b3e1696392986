import { useRef } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'

/** Tells screen readers when an answer begins and ends; what it says they read when their user wants to. */
export function Announcements({ leaf }: { leaf: Message | undefined }) {
  const words = useWords(leaf)
  return (
    <p role="status" className="sr-only">
      {words}
    </p>
  )
}

function useWords(leaf: Message | undefined): string {
  const { t } = useTranslation('chat')
  // What was finished when the page came is no news.
  const followed = useRef<string | null>(null)
  if (leaf?.status === 'streaming') followed.current = leaf.id
  if (leaf === undefined || followed.current !== leaf.id) return ''
  switch (leaf.status) {
    case 'streaming':
      return t('announce.begun')
    case 'done':
      return t('announce.ready')
    case 'stopped':
      return t('announce.stopped')
    case 'failed':
    case 'interrupted':
      return t('announce.failed')
  }
}
