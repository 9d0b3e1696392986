import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'

interface AnswerEndProps {
  message: Message
  onRetry: () => void
  /** Asks the model to go on; null where that makes no sense. */
  onContinue: (() => void) | null
}

/** A quiet word below an answer that did not come to its own end, and how to go on. */
export function AnswerEnd({ message, onRetry, onContinue }: AnswerEndProps) {
  const { t } = useTranslation('answer')
  const words = useEndWords(message)
  if (words === null) return null
  const hasText = message.content !== ''
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1 py-1 text-13 text-muted">
      <span>{words}</span>
      {hasText && onContinue !== null && (
        <Button size="small" look="ghost" className="text-accent" onClick={onContinue}>
          {t('continue')}
        </Button>
      )}
      {(!hasText || message.status === 'interrupted') && (
        <Button size="small" look="ghost" className="text-accent" onClick={onRetry}>
          {t('step.retry')}
        </Button>
      )}
    </div>
  )
}

function useEndWords(message: Message): string | null {
  const { t } = useTranslation('answer')
  if (message.status === 'stopped') return t('end.stopped')
  if (message.status === 'interrupted') return t('end.interrupted')
  if (message.status !== 'done') return null
  if (message.finish_reason === 'length') return t('end.length')
  if (message.finish_reason === 'content_filter') return t('end.filtered')
  return message.content === '' && message.tool_calls.length === 0 ? t('end.empty') : null
}
