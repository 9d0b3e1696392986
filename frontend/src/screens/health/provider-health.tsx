import { Link } from '@tanstack/react-router'
import type { Provider } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { duration } from '../../lib/format'
import { Badge } from '../../ui/badge'
import { CableDot } from '../../ui/cable-dot'
import { Lasting } from '../../ui/lasting'
import { type DotState, StateDot } from '../../ui/state-dot'

const DOTS: Record<Provider['status']['state'], DotState> = {
  ok: 'ok',
  degraded: 'warn',
  down: 'bad',
  unknown: 'hollow',
}

export function ProviderHealth({ provider }: { provider: Provider }) {
  const { t, i18n } = useTranslation('health')
  const { status } = provider
  return (
    <li className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b py-2 last:border-0">
      <StateDot state={DOTS[status.state]} label={t(`state.${status.state}`)} />
      <CableDot cable={provider.cable} />
      <Link
        to="/admin/providers/$slug"
        params={{ slug: provider.slug }}
        className="rounded-control font-medium hover:underline"
      >
        {provider.name}
      </Link>
      {provider.is_default && <Badge tone="accent">{t('isDefault')}</Badge>}
      {!provider.enabled && <Badge>{t('disabled')}</Badge>}
      <span className="grow text-13 text-muted">{status.message}</span>
      {status.since && (
        <span className="text-13 text-muted">
          {t(`state.${status.state}`)} <Lasting since={status.since} />
        </span>
      )}
      {status.latency_ms !== null && (
        <span className="text-13 text-muted tabular-nums">
          {duration(Math.round(status.latency_ms), i18n.language)}
        </span>
      )}
    </li>
  )
}
