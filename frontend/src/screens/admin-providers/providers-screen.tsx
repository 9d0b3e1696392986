import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plug, Plus } from 'lucide-react'
import { providerQueries } from '../../api/providers'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Failure } from '../../ui/failure'
import { Page } from '../../ui/page'
import { SkeletonRows } from '../../ui/skeleton'
import { DiscoveryPanel } from './discovery-panel'
import { ProviderCard } from './provider-card'

const EVERY_MS = 10_000

/** Every connection that can answer, how it is, and what can be done to it. */
export function ProvidersScreen() {
  const { t } = useTranslation('providers')
  const me = useMe()
  const providers = useQuery({ ...providerQueries.list(), refetchInterval: EVERY_MS })
  const add = (
    <Button look="primary" asChild>
      <Link to="/admin/providers/new">
        <Plus aria-hidden="true" className="size-4" />
        {t('add')}
      </Link>
    </Button>
  )
  return (
    <Page title={t('title')} description={isAdmin(me) ? t('description') : t('descriptionOwn')} actions={add}>
      {providers.isPending && <SkeletonRows label={t('loading')} rows={3} className="h-28" />}
      {providers.isError && (
        <Failure title={t('failed')} error={providers.error} onRetry={() => void providers.refetch()} />
      )}
      {providers.data?.length === 0 && (
        <Empty icon={<Plug />} title={t('empty.title')} action={add}>
          {t('empty.text')}
        </Empty>
      )}
      <ul className="grid gap-3 empty:hidden">
        {providers.data?.map((provider) => (
          <li key={provider.id}>
            <ProviderCard provider={provider} />
          </li>
        ))}
      </ul>
      {isAdmin(me) && <DiscoveryPanel known={providers.data ?? []} />}
    </Page>
  )
}
