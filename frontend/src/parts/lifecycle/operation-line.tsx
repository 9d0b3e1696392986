import { useMutation } from '@tanstack/react-query'
import { type Operation, stopOperation } from '../../api/lifecycle'
import { useTranslation } from '../../i18n/use-translation'
import { fileSize } from '../../lib/format'
import { Button } from '../../ui/button'
import { Elapsed } from '../../ui/elapsed'
import { Progress } from '../../ui/progress'
import { useToast } from '../../ui/toast'

/** What is being done: as far as the provider says how far it is, else since when; and its end. */
export function OperationLine({ operation, onStopped }: { operation: Operation; onStopped: () => void }) {
  const { t, i18n } = useTranslation('lifecycle')
  const show = useToast()
  const stop = useMutation({
    mutationFn: () => stopOperation(operation.id),
    onError: (error) => show({ tone: 'bad', text: error.message }),
    onSettled: onStopped,
  })
  const { fraction, done_bytes, total_bytes } = operation.progress
  // A provider's word that only says again what is being done.
  const detail = operation.progress.detail === `${operation.act}ing` ? '' : operation.progress.detail
  const words = t(`doing.${operation.act}`, { model: operation.model })
  const bytes =
    done_bytes !== null && total_bytes !== null
      ? t('bytes', { done: fileSize(done_bytes, i18n.language), total: fileSize(total_bytes, i18n.language) })
      : null
  return (
    <div className="grid gap-1.5">
      <div className="flex items-center justify-between gap-3">
        <p className="flex min-w-0 flex-wrap items-baseline gap-x-3 text-14">
          <span className="min-w-0 break-all font-medium">{words}</span>
          <span className="text-13 text-muted tabular-nums">
            {fraction !== null && `${percent(fraction, i18n.language)} · `}
            {bytes !== null && `${bytes} · `}
            <Elapsed since={new Date(operation.started_at)} />
            {detail !== '' && ` · ${detail}`}
          </span>
        </p>
        <Button
          size="small"
          aria-label={t('stopNamed', { what: words })}
          busy={stop.isPending}
          onClick={() => stop.mutate()}
        >
          {t('stop')}
        </Button>
      </div>
      <Progress label={words} value={fraction ?? undefined} />
    </div>
  )
}

export function percent(fraction: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(fraction)
}
