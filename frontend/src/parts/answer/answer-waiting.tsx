import { useEffect, useState } from 'react'
import type { AnswerProgress, Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { Elapsed } from '../../ui/elapsed'
import { percent } from '../lifecycle/operation-line'
import { useSource } from './use-source'

const SAID_AFTER_MS = 1000

interface AnswerWaitingProps {
  message: Message
  since: number
  /** What the provider tells of it. */
  progress: AnswerProgress | null
}

/** Before the first token: a sign of life at once, after a second for whom one waits and how long. */
export function AnswerWaiting({ message, since, progress }: AnswerWaitingProps) {
  const [said, setSaid] = useState(() => Date.now() - since >= SAID_AFTER_MS)
  useEffect(() => {
    const timer = setTimeout(() => setSaid(true), Math.max(0, since + SAID_AFTER_MS - Date.now()))
    return () => clearTimeout(timer)
  }, [since])
  return (
    <p className="flex min-h-6.5 items-center gap-2.5 text-14 text-muted">
      <span aria-hidden="true" className="size-2 animate-pulse rounded-full bg-muted" />
      {said && (
        <span className="animate-appear">
          <WaitedFor message={message} progress={progress} /> · <Elapsed since={since} />
        </span>
      )}
    </p>
  )
}

/** A model that is loaded first takes its time, and that is worth saying. */
function WaitedFor({ message, progress }: Pick<AnswerWaitingProps, 'message' | 'progress'>) {
  const { t, i18n } = useTranslation('answer')
  const { modelName, isLoading } = useSource(message.model ?? message.model_asked, message.provider, {
    orDefault: true,
    isWatched: true,
  })
  if (progress === null) return t(isLoading ? 'loadingModel' : 'waitingFor', { model: modelName })
  const words = t(progress.stage === 'loading' ? 'loadingModel' : 'readingPrompt', { model: modelName })
  return progress.fraction === null ? words : `${words} · ${percent(progress.fraction, i18n.language)}`
}
