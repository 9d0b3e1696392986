import { Link, type LinkProps } from '@tanstack/react-router'
import {
  Activity,
  ArrowLeft,
  Boxes,
  ChartColumn,
  KeyRound,
  type LucideIcon,
  Plug,
  ScrollText,
  Settings,
  SlidersHorizontal,
  Users,
} from 'lucide-react'
import { isAdmin, useMay, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { ListGroup } from './list-group'

interface Place {
  to: NonNullable<LinkProps['to']>
  name: 'keys' | 'usage' | 'settings' | 'providers' | 'models' | 'users' | 'audit' | 'adminSettings' | 'health'
  icon: LucideIcon
}

const OWN: readonly Place[] = [
  { to: '/settings', name: 'settings', icon: Settings },
  { to: '/keys', name: 'keys', icon: KeyRound },
  { to: '/usage', name: 'usage', icon: ChartColumn },
]
const PROVIDERS: Place = { to: '/admin/providers', name: 'providers', icon: Plug }
const ADMIN: readonly Place[] = [
  PROVIDERS,
  { to: '/admin/models', name: 'models', icon: Boxes },
  { to: '/admin/users', name: 'users', icon: Users },
  { to: '/admin/health', name: 'health', icon: Activity },
  { to: '/admin/audit', name: 'audit', icon: ScrollText },
  { to: '/admin/settings', name: 'adminSettings', icon: SlidersHorizontal },
]

/** The screens that are not the chat. */
export function PlacesNav() {
  const { t } = useTranslation('sidebar')
  const hasAll = isAdmin(useMe())
  const hasProviders = useMay('personal_providers')
  return (
    <nav aria-label={t('title')} className="min-h-0 grow overflow-y-auto px-2 pb-4">
      <Link to="/" className="target flex items-center gap-2.5 rounded-control px-2.5 hover:bg-surface-2">
        <ArrowLeft aria-hidden="true" className="size-4 text-muted" />
        {t('back')}
      </Link>
      <ListGroup title={t('you')}>
        <Places places={!hasAll && hasProviders ? [...OWN, PROVIDERS] : OWN} />
      </ListGroup>
      {hasAll && (
        <ListGroup title={t('gateway')}>
          <Places places={ADMIN} />
        </ListGroup>
      )}
    </nav>
  )
}

function Places({ places }: { places: readonly Place[] }) {
  const { t } = useTranslation('sidebar')
  return places.map(({ to, name, icon: Icon }) => (
    <li key={name}>
      <Link
        to={to}
        className="target flex items-center gap-2.5 rounded-control px-2.5 hover:bg-surface-2 data-[status=active]:bg-surface-2 data-[status=active]:font-medium"
      >
        <Icon aria-hidden="true" className="size-4 text-muted" />
        {t(`places.${name}`)}
      </Link>
    </li>
  ))
}
