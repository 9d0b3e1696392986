import { memo } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { Markdown } from '../../ui/markdown/markdown'
import { AnswerReasoning } from './answer-reasoning'
import { AnswerTools } from './answer-tools'
import { AnswerWaiting } from './answer-waiting'
import type { LiveAnswer } from './live-answers'

interface AnswerBodyProps {
  message: Message
  /** While it runs. */
  live: LiveAnswer | undefined
}

/** What the model thought, said and wants to have called; before that, how long one waits. */
export const AnswerBody = memo(function AnswerBody({ message, live }: AnswerBodyProps) {
  const { t } = useTranslation('answer')
  const streaming = message.status === 'streaming'
  const isSilent = message.content === '' && !message.reasoning && message.tool_calls.length === 0
  const thoughtMs = live?.thoughtMs ?? message.reasoning_ms
  const isThinking = streaming && live !== undefined && live.thinkingSince !== null && live.thoughtMs === null
  return (
    <div className="min-w-0 text-16 leading-6.5">
      {message.reasoning && (
        <AnswerReasoning
          text={message.reasoning}
          thoughtMs={thoughtMs}
          thinkingSince={isThinking ? live.thinkingSince : null}
        />
      )}
      {message.content !== '' && (
        <div data-answer-text>
          <Markdown text={message.content} streaming={streaming} />
        </div>
      )}
      <AnswerTools calls={message.tool_calls} />
      {streaming && isSilent && live !== undefined && !live.lost && (
        <AnswerWaiting message={message} since={live.waitingSince} progress={live.progress} />
      )}
      {live?.lost && <p className="animate-late text-14 text-muted">{t('connectionLost')}</p>}
    </div>
  )
})
