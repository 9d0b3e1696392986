import { Square } from 'lucide-react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { useLiveAnswer } from '../../parts/answer/use-live-answer'
import { useSource } from '../../parts/answer/use-source'
import { Button } from '../../ui/button'

interface StopAnswerProps {
  answer: Message
  live: LiveAnswers
  onStop: (answer: Message) => void
}

/** At the foot of its column, where growing text does not move it away from under the pointer. */
export function StopAnswer({ answer, live, onStop }: StopAnswerProps) {
  const { t } = useTranslation('compare')
  const message = useLiveAnswer(live, answer.id)?.message ?? answer
  const { modelName } = useSource(message.model ?? message.model_asked, message.provider)
  return (
    <div className="pointer-events-none sticky bottom-2 mt-auto flex min-h-9 justify-center pointer-coarse:min-h-11">
      {message.status === 'streaming' && (
        <Button size="small" className="pointer-events-auto shadow-float" onClick={() => onStop(answer)}>
          <Square aria-hidden="true" className="size-3 fill-current" />
          {t('stopOne', { model: modelName })}
        </Button>
      )}
    </div>
  )
}
