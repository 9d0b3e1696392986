import { ArrowUp, Square } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { useMedia } from '../../lib/use-media'
import { GrowingText } from '../../parts/conversation/growing-text'
import { Button } from '../../ui/button'

interface CompareComposerProps {
  count: number
  isRunning: boolean
  /** Whether it arrived; what did not stays in the field. */
  onSend: (text: string) => Promise<boolean>
  onStopAll: () => void
}

/** One question for all columns. */
export function CompareComposer({ count, isRunning, onSend, onStopAll }: CompareComposerProps) {
  const { t } = useTranslation('compare')
  const isTouch = useMedia('(pointer: coarse)')
  const [text, setText] = useState('')
  const [isSending, setIsSending] = useState(false)
  const canSend = text.trim() !== '' && !isRunning && !isSending && count >= 2
  const send = async () => {
    if (!canSend) return
    setIsSending(true)
    const arrived = await onSend(text)
    setIsSending(false)
    if (arrived) setText('')
  }
  return (
    <div className="flex items-end gap-2 rounded-card border border-control-line bg-surface-1 p-2 focus-within:border-accent">
      <GrowingText
        label={t('question')}
        placeholder={t('askAll', { count })}
        value={text}
        onChange={setText}
        onSend={() => void send()}
        autoFocus={isTouch ? false : 'if-free'}
        className="min-w-0 grow px-2 py-1.5"
      />
      {isRunning ? (
        <Button onClick={onStopAll}>
          <Square aria-hidden="true" className="size-3 fill-current" />
          {t('stopAll')}
        </Button>
      ) : (
        <Button
          look="primary"
          aria-label={t('send')}
          busy={isSending}
          disabled={!canSend}
          className="target-square p-0"
          onClick={() => void send()}
        >
          <ArrowUp aria-hidden="true" className="size-4.5" />
        </Button>
      )}
    </div>
  )
}
