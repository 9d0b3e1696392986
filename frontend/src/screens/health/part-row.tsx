import type { PartState } from '../../api/readiness'
import { useTranslation } from '../../i18n/use-translation'
import { duration } from '../../lib/format'
import { StateDot } from '../../ui/state-dot'

export function PartRow({ name, part }: { name: string; part: PartState }) {
  const { t, i18n } = useTranslation('health')
  return (
    <li className="flex min-h-9 items-center gap-3">
      <StateDot state={part.ok ? 'ok' : 'bad'} label={part.ok ? t('state.ok') : t('state.down')} />
      <span className="grow">{t(`part.${name}`, { defaultValue: name })}</span>
      {part.problem && <span className="text-13 text-bad">{part.problem}</span>}
      <span className="text-13 text-muted tabular-nums">{duration(part.ms, i18n.language)}</span>
    </li>
  )
}
