import type { Metric } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { type Interval, momentName } from './moment-name'
import { useFigureWords } from './use-usage-words'

interface ReadPart {
  name?: string | number
  value?: unknown
  color?: string
}

interface PlotReadoutProps {
  metric: Metric
  interval: Interval
  /** The chart fills these in. */
  active?: boolean
  label?: string | number
  payload?: readonly ReadPart[]
}

/** The figures at one moment, the largest first. */
export function PlotReadout({ metric, interval, active, label, payload = [] }: PlotReadoutProps) {
  const { i18n } = useTranslation('usage')
  const words = useFigureWords()
  if (!active || label === undefined) return null
  const parts = payload
    .map((part) => ({ ...part, value: typeof part.value === 'number' ? part.value : null }))
    .filter((part) => part.value !== null && part.value > 0)
    .sort((first, second) => (second.value ?? 0) - (first.value ?? 0))
  return (
    <div className="grid gap-1 rounded-card border border-line bg-surface-1 px-3 py-2 text-13 shadow-float">
      <p className="font-medium">{momentName(String(label), interval, i18n.language, { long: true })}</p>
      {parts.map((part) => (
        <p key={part.name} className="flex items-center gap-2">
          <span aria-hidden="true" className="size-2 rounded-full" style={{ background: part.color }} />
          <span className="grow">{part.name}</span>
          <span className="tabular-nums">{words(metric, part.value)}</span>
        </p>
      ))}
    </div>
  )
}
