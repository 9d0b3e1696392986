import { Check, X } from 'lucide-react'
import type { LadderReport } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { duration } from '../../lib/format'
import { Button } from '../../ui/button'
import { Spinner } from '../../ui/spinner'

interface LadderProps {
  report: LadderReport | undefined
  busy: boolean
  /** Takes the address that the test found to work. */
  onRepair?: (baseUrl: string) => void
}

/** A connection test as it climbed, step by step; what stopped it, and the way out. */
export function Ladder({ report, busy, onRepair }: LadderProps) {
  const { t } = useTranslation('ladder')
  if (busy) {
    return (
      <p role="status" className="flex items-center gap-2 text-muted">
        <Spinner />
        {t('testing')}
      </p>
    )
  }
  if (!report) return null
  const repaired = report.repair?.base_url
  return (
    <div role="status" className="grid gap-2 rounded-card border border-line bg-surface-0 p-3">
      <ol className="flex flex-wrap gap-x-4 gap-y-1">
        {report.steps.map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </ol>
      <p className={cn('font-medium', report.ok && 'text-ok')}>
        {t(`diagnosis.${report.diagnosis}`, { defaultValue: report.diagnosis })}
      </p>
      {/* The gateway's words name addresses and figures; it speaks English. */}
      <p lang="en">{report.message}</p>
      {repaired && onRepair && (
        <div className="flex flex-wrap items-center gap-2">
          <code className="font-mono text-13">{repaired}</code>
          <Button size="small" look="primary" onClick={() => onRepair(repaired)}>
            {t('useThat')}
          </Button>
        </div>
      )}
    </div>
  )
}

function Step({ step }: { step: LadderReport['steps'][number] }) {
  const { t, i18n } = useTranslation('ladder')
  return (
    <li className="flex items-center gap-1.5 text-13" title={step.detail}>
      {step.ok ? (
        <Check aria-label={t('passed')} className="size-4 text-ok" />
      ) : (
        <X aria-label={t('stopped')} className="size-4 text-bad" />
      )}
      {t(`steps.${step.step}`)}
      <span className="text-muted tabular-nums">{duration(step.ms, i18n.language)}</span>
    </li>
  )
}
