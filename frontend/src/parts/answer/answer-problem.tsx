import { CircleAlert } from 'lucide-react'
import { Fragment, type ReactNode } from 'react'
import type { Message, MessageError } from '../../api/conversation-types'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { CopyButton } from '../../ui/copy-button'
import { ModelPicker } from '../model-picker/model-picker'
import { type NextStep, nextStepsOf } from './next-steps'
import { useProblemWords } from './use-problem-words'

interface AnswerProblemProps {
  message: Message
  error: MessageError
  onRetry: () => void
  onOtherModel: (model: string) => void
  /** Null where this person may not. */
  onTestProvider: (() => void) | null
}

/** Where the answer would be: what happened, in words, and what helps. What the provider said is one click away. */
export function AnswerProblem({ message, error, onRetry, onOtherModel, onTestProvider }: AnswerProblemProps) {
  const { t } = useTranslation('answer')
  const words = useProblemWords(message, error)
  const steps: Record<NextStep, ReactNode> = {
    retry: <Step words={t('step.retry')} onClick={onRetry} />,
    otherModel: (
      <ModelPicker
        value={message.model_asked}
        onChange={onOtherModel}
        trigger={<Button size="small">{t('step.otherModel')}</Button>}
      />
    ),
    testProvider: onTestProvider && <Step words={t('step.testProvider')} onClick={onTestProvider} />,
  }
  return (
    <div className="my-1 grid gap-2 rounded-card border border-line bg-surface-1 px-4 py-3">
      <p className="flex items-start gap-2">
        <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-bad" />
        <span>{words}</span>
      </p>
      <div className="flex flex-wrap gap-2">
        {nextStepsOf(error.code).map((step) => (
          <Fragment key={step}>{steps[step]}</Fragment>
        ))}
      </div>
      <details className="text-13 text-muted">
        <summary className="w-fit">{t('problem.details')}</summary>
        <div className="mt-2 grid gap-1 rounded-control bg-surface-2 px-3 py-2">
          <p className="wrap-anywhere">{error.message}</p>
          {error.details.map((detail) => (
            <p key={detail.field}>
              <code>{detail.field}</code> {detail.problem}
            </p>
          ))}
          <p className="flex flex-wrap items-center gap-x-2">
            <code>{error.code}</code>
            <span>{t('problem.requestId', { id: error.request_id })}</span>
            <CopyButton text={error.request_id} label={t('problem.copyRequestId')} />
          </p>
        </div>
      </details>
    </div>
  )
}

function Step({ words, onClick }: { words: string; onClick: () => void }) {
  return (
    <Button size="small" onClick={onClick}>
      {words}
    </Button>
  )
}
