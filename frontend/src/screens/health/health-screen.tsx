import { useQuery } from '@tanstack/react-query'
import { providerQueries } from '../../api/providers'
import { readinessQueries } from '../../api/readiness'
import { useTranslation } from '../../i18n/use-translation'
import { Empty } from '../../ui/empty'
import { Failure } from '../../ui/failure'
import { Page, Section } from '../../ui/page'
import { SkeletonRows } from '../../ui/skeleton'
import { LastHour } from './last-hour'
import { PartRow } from './part-row'
import { ProviderHealth } from './provider-health'

const EVERY_MS = 5_000

/** How the gateway and everything behind it is, now. */
export function HealthScreen() {
  const { t } = useTranslation('health')
  const readiness = useQuery({ ...readinessQueries.current(), refetchInterval: EVERY_MS })
  const providers = useQuery({ ...providerQueries.list(), refetchInterval: EVERY_MS })
  return (
    <Page title={t('title')} description={t('description')}>
      <LastHour />
      <Section title={t('parts')}>
        {readiness.isPending && <SkeletonRows label={t('loading')} rows={2} />}
        {readiness.isError && (
          <Failure title={t('failed')} error={readiness.error} onRetry={() => void readiness.refetch()} />
        )}
        {readiness.data && (
          <ul className="grid gap-1">
            {Object.entries(readiness.data.parts).map(([name, part]) => (
              <PartRow key={name} name={name} part={part} />
            ))}
          </ul>
        )}
      </Section>
      <Section title={t('providers')}>
        {providers.isPending && <SkeletonRows label={t('loading')} rows={3} />}
        {providers.isError && (
          <Failure title={t('failedProviders')} error={providers.error} onRetry={() => void providers.refetch()} />
        )}
        {providers.data?.length === 0 && <Empty title={t('noProviders')} />}
        <ul className="grid empty:hidden">
          {providers.data?.map((provider) => (
            <ProviderHealth key={provider.id} provider={provider} />
          ))}
        </ul>
      </Section>
    </Page>
  )
}
