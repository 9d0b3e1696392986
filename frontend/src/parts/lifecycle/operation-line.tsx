import type { Operation } from '../../api/lifecycle'
import { useTranslation } from '../../i18n/use-translation'
import { fileSize } from '../../lib/format'
import { Elapsed } from '../../ui/elapsed'
import { Progress } from '../../ui/progress'

/** What is being done: as far as the provider says how far it is, else since when. */
export function OperationLine({ operation }: { operation: Operation }) {
  const { t, i18n } = useTranslation('lifecycle')
  const { fraction, done_bytes, total_bytes, detail } = operation.progress
  const words = t(`doing.${operation.act}`, { model: operation.model })
  const bytes =
    done_bytes !== null && total_bytes !== null
      ? t('bytes', { done: fileSize(done_bytes, i18n.language), total: fileSize(total_bytes, i18n.language) })
      : null
  return (
    <div className="grid gap-1.5">
      <p className="flex flex-wrap items-baseline gap-x-3 text-14">
        <span className="min-w-0 break-all font-medium">{words}</span>
        <span className="text-13 text-muted tabular-nums">
          {fraction !== null && `${percent(fraction, i18n.language)} · `}
          {bytes !== null && `${bytes} · `}
          <Elapsed since={new Date(operation.started_at)} />
          {detail !== '' && ` · ${detail}`}
        </span>
      </p>
      <Progress label={words} value={fraction ?? undefined} />
    </div>
  )
}

export function percent(fraction: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(fraction)
}
