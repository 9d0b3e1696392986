import { useQuery } from '@tanstack/react-query'
import { providerQueries } from '../../api/providers'
import type { Grouping, Metric } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { compactNumber, duration, money } from '../../lib/format'

/** Figures with their units, in the reader's language. */
export function useFigureWords(): (metric: Metric, value: number | null) => string {
  const { t, i18n } = useTranslation('usage')
  return (metric, value) => {
    if (value === null) return t('unknown')
    switch (metric) {
      case 'cost':
        return money(value, i18n.language)
      case 'latency':
        return duration(Math.round(value), i18n.language)
      default:
        return compactNumber(value, i18n.language)
    }
  }
}

/** A group's name: a provider's own, as long as there is one; what has no key came from a person. */
export function useGroupLabel(group: Grouping): (one: { key: string; label: string }) => string {
  const { t } = useTranslation('usage')
  const { data: providers } = useQuery({ ...providerQueries.list(), enabled: group === 'provider' })
  return (one) => {
    const provider = group === 'provider' ? providers?.find((other) => other.slug === one.key) : undefined
    return provider?.name || one.label || one.key || t('nobody')
  }
}
