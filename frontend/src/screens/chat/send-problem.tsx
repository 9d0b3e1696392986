import { CircleAlert, X } from 'lucide-react'
import type { ApiError } from '../../api/client'
import { useTranslation } from '../../i18n/use-translation'
import { IconButton } from '../../ui/icon-button'

/** Why the last message did not arrive; its text is back in the field. */
export function SendProblem({ problem, onClose }: { problem: ApiError | null; onClose: () => void }) {
  const { t } = useTranslation('chat')
  if (problem === null) return null
  const reason = problem.status === 0 ? t('sendProblem.unreachable') : problem.message
  return (
    <div
      role="alert"
      className="mb-2 flex animate-rise items-start gap-2 rounded-card border border-line bg-bad-soft py-1.5 pr-1.5 pl-3"
    >
      <CircleAlert aria-hidden="true" className="mt-1.5 size-4 shrink-0 text-bad" />
      <p className="wrap-anywhere min-w-0 grow py-1">
        {t('sendProblem.notSent')} {reason}
      </p>
      <IconButton size="small" label={t('close')} onClick={onClose}>
        <X className="size-4" />
      </IconButton>
    </div>
  )
}
