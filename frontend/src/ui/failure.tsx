import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from '../i18n/use-translation'
import { Button } from './button'

interface FailureProps {
  /** What could not be done, as a sentence. */
  title: string
  /** What was thrown; an ApiError's message and request id are shown. */
  error?: unknown
  onRetry?: () => void
  /** Further next steps. */
  actions?: ReactNode
}

/** Where something would stand that could not be had. */
export function Failure({ title, error, onRetry, actions }: FailureProps) {
  const { t } = useTranslation('common')
  const message = error instanceof Error ? error.message : ''
  const requestId =
    error instanceof Object && 'requestId' in error && typeof error.requestId === 'string' ? error.requestId : ''
  return (
    <div role="alert" className="grid gap-2 rounded-card border border-line bg-surface-1 p-4">
      <p className="flex items-start gap-2 font-medium">
        <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-bad" />
        {title}
      </p>
      {message && <p className="text-14 text-muted">{message}</p>}
      <div className="flex flex-wrap items-center gap-2">
        {onRetry && (
          <Button size="small" onClick={onRetry}>
            {t('tryAgain')}
          </Button>
        )}
        {actions}
      </div>
      {requestId && (
        <details className="text-13 text-muted">
          <summary>{t('details')}</summary>
          <p className="pt-1">
            {t('requestId')} <code className="font-mono text-12">{requestId}</code>
          </p>
        </details>
      )}
    </div>
  )
}
