import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { modelQueries } from '../../api/models'
import type { Provider } from '../../api/providers'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { duration } from '../../lib/format'
import { Ladder } from '../../parts/ladder/ladder'
import { Badge } from '../../ui/badge'
import { CableDot } from '../../ui/cable-dot'
import { Lasting } from '../../ui/lasting'
import { type DotState, StateDot } from '../../ui/state-dot'
import { CardActs } from './card-acts'
import { Sparkline } from './sparkline'
import { useProviderTest } from './use-provider-test'

const LISTS_EVERY_MS = 5000

const DOTS: Record<Provider['status']['state'], DotState> = {
  ok: 'ok',
  degraded: 'warn',
  down: 'bad',
  unknown: 'hollow',
}

export function ProviderCard({ provider }: { provider: Provider }) {
  const { t } = useTranslation('providers')
  const me = useMe()
  const [isTested, setIsTested] = useState(false)
  const test = useProviderTest(provider.slug)
  const mayEdit = isAdmin(me) || (provider.scope === 'personal' && provider.owner_id === me.id)
  const kind = t(`kinds.${provider.provider}`, { defaultValue: provider.provider })
  return (
    <article aria-label={provider.name} className="grid gap-3 rounded-card border border-line bg-surface-1 p-4">
      <div className="flex items-start gap-x-4">
        <div className="grid min-w-0 grow gap-1">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold text-16">
            <CableDot cable={provider.cable} />
            {mayEdit ? (
              <Link
                to="/admin/providers/$slug"
                params={{ slug: provider.slug }}
                className="rounded-control hover:underline"
              >
                {provider.name}
              </Link>
            ) : (
              provider.name
            )}
            {provider.is_default && <Badge tone="accent">{t('isDefault')}</Badge>}
            {!provider.enabled && <Badge>{t('isDisabled')}</Badge>}
            {provider.scope === 'personal' && <Badge>{t('isPersonal')}</Badge>}
          </h2>
          <p className="truncate text-13 text-muted empty:hidden">
            {kind !== provider.name && kind}
            {provider.base_url && <span className="font-mono"> · {provider.base_url}</span>}
          </p>
        </div>
        {mayEdit && (
          <CardActs
            provider={provider}
            isTesting={test.isPending}
            onTest={() => {
              setIsTested(true)
              test.mutate({})
            }}
          />
        )}
      </div>
      <State provider={provider} />
      {isTested && <Ladder report={test.data} busy={test.isPending} />}
      {test.error && (
        <p role="alert" className="text-13 text-bad">
          {test.error.message}
        </p>
      )}
    </article>
  )
}

function State({ provider }: { provider: Provider }) {
  const { t, i18n } = useTranslation('providers')
  // The list of a provider that was just added comes a moment later.
  const { data } = useQuery({ ...modelQueries.list(), refetchInterval: LISTS_EVERY_MS })
  const { status } = provider
  const models = data?.models.filter((model) => model.provider === provider.slug).length
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-13 text-muted">
      {provider.enabled && (
        <span className="flex items-center gap-2">
          <StateDot state={DOTS[status.state]} />
          <span className={status.state === 'down' ? 'text-bad' : ''}>{t(`state.${status.state}`)}</span>
          {status.since && <Lasting since={status.since} />}
        </span>
      )}
      {provider.enabled && status.latency_ms !== null && (
        <span className="tabular-nums">{duration(Math.round(status.latency_ms), i18n.language)}</span>
      )}
      {models !== undefined && provider.enabled && <span>{t('models', { count: models })}</span>}
      <Sparkline provider={provider} />
      {provider.enabled && status.state !== 'ok' && status.message && <span className="w-full">{status.message}</span>}
    </div>
  )
}
