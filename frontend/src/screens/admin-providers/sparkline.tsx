import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Provider } from '../../api/providers'
import { usageQueries } from '../../api/usage'
import { useTranslation } from '../../i18n/use-translation'
import { cableColour } from '../../ui/cable'

const DAY_MS = 24 * 60 * 60 * 1000
const WIDTH = 96
const HEIGHT = 20

/** The first token's median over the last day; nothing where nothing was asked. */
export function Sparkline({ provider }: { provider: Provider }) {
  const { t } = useTranslation('providers')
  const [now] = useState(() => Math.ceil(Date.now() / 60_000) * 60_000)
  const period = { from: new Date(now - DAY_MS).toISOString(), to: new Date(now).toISOString() }
  const { data } = useQuery({ ...usageQueries.series(period, 'provider'), staleTime: 60_000 })
  const line = data?.series.find(
    (one) => one.key === provider.slug || one.key === provider.id || one.label === provider.name,
  )
  const points = line?.points.map((point) => point.first_token_ms.p50) ?? []
  const path = sparkPath(points)
  if (path === null) return null
  return (
    <svg role="img" aria-label={t('latency')} width={WIDTH} height={HEIGHT} className="overflow-visible">
      <title>{t('latency')}</title>
      <path d={path} fill="none" stroke={cableColour(provider.cable)} strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  )
}

/** A line through the known values, zero at the bottom; null for fewer than two of them. */
export function sparkPath(values: readonly (number | null)[]): string | null {
  const known = values.flatMap((value, place) => (value === null ? [] : [{ value, place }]))
  const highest = Math.max(...known.map(({ value }) => value))
  if (known.length < 2 || highest <= 0) return null
  return known
    .map(({ value, place }, index) => {
      const x = (place / (values.length - 1)) * WIDTH
      const y = HEIGHT - (value / highest) * HEIGHT
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}
