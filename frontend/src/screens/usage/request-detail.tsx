import type { UsageRecord } from '../../api/usage'
import { useTranslation } from '../../i18n/use-translation'
import { duration, money, wholeNumber } from '../../lib/format'
import { exactTime } from '../../lib/relative-time'
import { CopyButton } from '../../ui/copy-button'
import { SideSheet } from '../../ui/side-sheet'

/** Everything the ledger knows of one attempt. */
export function RequestDetail({ record, onClose }: { record: UsageRecord | null; onClose: () => void }) {
  const { t, i18n } = useTranslation('usage')
  const ms = (value: number | null) => (value === null ? t('unknown') : duration(Math.round(value), i18n.language))
  const count = (value: number) => wholeNumber(value, i18n.language)
  const facts: readonly [string, string][] = record
    ? [
        [t('detail.at'), exactTime(new Date(record.started_at), i18n.language)],
        [t('detail.asked'), record.model_asked],
        [t('detail.answered'), record.provider ? `${record.provider}/${record.model}` : t('detail.nobody')],
        [t('detail.outcome'), record.outcome],
        [t('detail.attempt'), count(record.attempt)],
        [t('detail.face'), record.face],
        [t('detail.prompt'), count(record.prompt_tokens)],
        [t('detail.completion'), count(record.completion_tokens)],
        [t('detail.source'), t(`sources.${record.token_source}`)],
        [t('detail.firstToken'), ms(record.first_token_ms)],
        [t('detail.total'), ms(record.total_ms)],
        [t('detail.overhead'), ms(record.overhead_ms)],
        [t('detail.cost'), record.cost_usd === null ? t('unknown') : money(record.cost_usd, i18n.language)],
      ]
    : []
  return (
    <SideSheet open={record !== null} onOpenChange={onClose} title={t('detail.title')} place="over">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all text-right tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {record && (
        <p className="mt-6 flex items-center gap-2 text-13 text-muted">
          {t('detail.request')}
          <code className="break-all font-mono text-12">{record.request_id}</code>
          <CopyButton text={record.request_id} />
        </p>
      )}
    </SideSheet>
  )
}
