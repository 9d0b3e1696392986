import { useState } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { Button } from '../../ui/button'

const LONG_CHARACTERS = 280
const LONG_LINES = 4

/** What all columns were asked; it stands in each of them, so a long one is cut until somebody wants to read it. */
export function CompareQuestion({ message: { content } }: { message: Message }) {
  const { t } = useTranslation('compare')
  const [isOpen, setIsOpen] = useState(false)
  const isLong = content.length > LONG_CHARACTERS || content.split('\n', LONG_LINES + 1).length > LONG_LINES
  return (
    <div className="justify-self-end rounded-card bg-surface-2 px-3.5 py-2">
      <p className={cn('wrap-anywhere whitespace-pre-wrap text-14', isLong && !isOpen && 'line-clamp-4')}>{content}</p>
      {isLong && (
        <Button size="small" look="ghost" className="-ml-2 text-muted" onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? t('less') : t('all')}
        </Button>
      )}
    </div>
  )
}
