import { type LinkProps, useNavigate } from '@tanstack/react-router'
import {
  Activity,
  Boxes,
  ChartColumn,
  Columns3,
  Keyboard,
  KeyRound,
  Languages,
  LogOut,
  type LucideIcon,
  Moon,
  PanelLeft,
  Plug,
  ScrollText,
  Settings,
  SlidersHorizontal,
  SquarePen,
  Sun,
  Users,
} from 'lucide-react'
import { isAdmin, signOut, useMe } from '../../api/session'
import { chooseLanguage, LANGUAGES, type Language } from '../../i18n'
import { useTranslation } from '../../i18n/use-translation'
import { keyNames } from '../../lib/platform'
import { useTheme } from '../../lib/theme'
import { wishOfChat } from '../conversation/chat-wishes'
import { useShell } from '../shell/shell'
import { openShortcuts } from '../shortcuts/shortcut-events'
import { SHORTCUTS, type Shortcut } from '../shortcuts/shortcuts'

export interface PaletteAct {
  id: string
  label: string
  icon: LucideIcon
  keys?: string
  run: () => void
}

type Place = [
  to: NonNullable<LinkProps['to']>,
  name: 'settings' | 'keys' | 'usage' | 'providers' | 'models' | 'users' | 'audit' | 'adminSettings' | 'health',
  icon: LucideIcon,
]

const OWN: readonly Place[] = [
  ['/settings', 'settings', Settings],
  ['/keys', 'keys', KeyRound],
  ['/usage', 'usage', ChartColumn],
]
const ADMIN: readonly Place[] = [
  ['/admin/providers', 'providers', Plug],
  ['/admin/models', 'models', Boxes],
  ['/admin/users', 'users', Users],
  ['/admin/health', 'health', Activity],
  ['/admin/audit', 'audit', ScrollText],
  ['/admin/settings', 'adminSettings', SlidersHorizontal],
]

function keysOf(name: Shortcut['name']): { keys: string } {
  const found = SHORTCUTS.find((one) => one.name === name)
  return { keys: keyNames(found?.keys ?? '') }
}

/** Everything that can be done from anywhere, by this person. */
export function usePaletteActs(): PaletteAct[] {
  const { t } = useTranslation(['palette', 'sidebar', 'shortcuts'])
  const navigate = useNavigate()
  const shell = useShell()
  const me = useMe()
  const [theme, setTheme] = useTheme()
  const isDark = document.documentElement.dataset.theme === 'dark'
  const places = isAdmin(me) ? [...OWN, ...ADMIN] : OWN
  const chat = (name: 'model' | 'parameters', icon: LucideIcon): PaletteAct => ({
    id: name,
    label: t(`shortcuts:names.${name}`),
    icon,
    ...keysOf(name),
    run: () => wishOfChat(name),
  })
  return [
    {
      id: 'new',
      label: t('sidebar:newChat'),
      icon: SquarePen,
      ...keysOf('newChat'),
      run: () => void navigate({ to: '/' }),
    },
    { id: 'compare', label: t('sidebar:compare'), icon: Columns3, run: () => void navigate({ to: '/compare' }) },
    chat('model', Boxes),
    chat('parameters', SlidersHorizontal),
    ...places.map(([to, name, icon]) => ({
      id: `go-${name}`,
      label: t('palette:go', { place: t(`sidebar:places.${name}`) }),
      icon,
      run: () => void navigate({ to }),
    })),
    {
      id: `theme-${theme}`,
      label: isDark ? t('palette:light') : t('palette:dark'),
      icon: isDark ? Sun : Moon,
      run: () => setTheme(isDark ? 'light' : 'dark'),
    },
    ...Object.entries(LANGUAGES).map(([key, name]) => ({
      id: `language-${key}`,
      label: `${t('sidebar:language')}: ${name}`,
      icon: Languages,
      run: () => void chooseLanguage(key as Language),
    })),
    {
      id: 'sidebar',
      label: t('shortcuts:names.sidebar'),
      icon: PanelLeft,
      ...keysOf('sidebar'),
      run: shell.toggleSidebar,
    },
    { id: 'shortcuts', label: t('sidebar:shortcuts'), icon: Keyboard, ...keysOf('help'), run: openShortcuts },
    { id: 'sign-out', label: t('sidebar:signOut'), icon: LogOut, run: () => void signOut() },
  ]
}
