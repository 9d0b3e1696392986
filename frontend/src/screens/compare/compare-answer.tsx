import { Info, RefreshCw } from 'lucide-react'
import { memo } from 'react'
import type { Message } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { AnswerBody } from '../../parts/answer/answer-body'
import { AnswerEnd } from '../../parts/answer/answer-end'
import { AnswerProblem } from '../../parts/answer/answer-problem'
import type { LiveAnswers } from '../../parts/answer/live-answers'
import { useLiveAnswer } from '../../parts/answer/use-live-answer'
import { useSource } from '../../parts/answer/use-source'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy-button'
import { IconButton } from '../../ui/icon-button'

export interface AnswerActs {
  regenerate(answer: Message, column: number, model?: string): void
  stop(answer: Message): void
  continueWith(column: number): void
  openDetails(answer: Message): void
  /** Null where this person may not. */
  testProvider: ((slug: string) => void) | null
}

interface CompareAnswerProps {
  message: Message
  column: number
  /** The column's model; the answer names its own where that is another. */
  columnModel: string
  isLast: boolean
  live: LiveAnswers
  acts: AnswerActs
}

/** One model's answer to one question; it lives and fails by itself. */
export const CompareAnswer = memo(function CompareAnswer(props: CompareAnswerProps) {
  const { message: known, column, columnModel, isLast, live, acts } = props
  const { t } = useTranslation('compare')
  const running = useLiveAnswer(live, known.id)
  const message = running?.message ?? known
  const source = useSource(message.model ?? message.model_asked, message.provider)
  const isStreaming = message.status === 'streaming'
  const slug = message.error?.provider ?? message.provider
  const retry = () => acts.regenerate(known, column)
  const test = acts.testProvider
  return (
    <article aria-label={source.modelName} aria-busy={isStreaming} className="flex min-w-0 grow flex-col gap-1">
      {message.model_asked !== columnModel && <p className="truncate text-13 text-muted">{source.modelName}</p>}
      <AnswerBody message={message} live={running} />
      {message.status === 'failed' && !isLast && <p className="text-14 text-bad">{t('failedThen')}</p>}
      {message.status === 'failed' && isLast && message.error !== null && (
        <AnswerProblem
          message={message}
          error={message.error}
          onRetry={retry}
          onOtherModel={(model) => acts.regenerate(known, column, model)}
          onTestProvider={test !== null && slug !== null ? () => test(slug) : null}
        />
      )}
      {(isLast || message.status === 'stopped') && <AnswerEnd message={message} onRetry={retry} onContinue={null} />}
      <footer className="mt-auto flex min-h-9 flex-wrap items-center gap-0.5 pt-1 pointer-coarse:min-h-11">
        {!isStreaming && (
          <>
            {message.content !== '' && <CopyButton text={message.content} />}
            {isLast && (
              <IconButton size="small" label={t('regenerate')} onClick={retry}>
                <RefreshCw className="size-4" />
              </IconButton>
            )}
            <IconButton size="small" label={t('details')} onClick={() => acts.openDetails(known)}>
              <Info className="size-4" />
            </IconButton>
            <span className="grow" />
            {isLast && message.content !== '' && (
              <Button size="small" onClick={() => acts.continueWith(column)}>
                {t('continueWith')}
              </Button>
            )}
          </>
        )}
      </footer>
    </article>
  )
})
