import { useNavigate } from '@tanstack/react-router'
import {
  ChartColumn,
  ChevronsUpDown,
  Keyboard,
  KeyRound,
  Languages,
  LogOut,
  Settings,
  SunMoon,
  Wrench,
} from 'lucide-react'
import { isAdmin, signOut, useMe } from '../../api/session'
import { chooseLanguage, LANGUAGES, type Language } from '../../i18n'
import { useTranslation } from '../../i18n/use-translation'
import { THEMES, useTheme } from '../../lib/theme'
import { Menu, MenuChoice, MenuItem, MenuLine, MenuSub } from '../../ui/menu'
import { openShortcuts } from '../shortcuts/shortcut-events'

/** Who is signed in; the way to everything that is not a conversation. */
export function UserMenu() {
  const { t } = useTranslation('sidebar')
  const me = useMe()
  const navigate = useNavigate()
  return (
    <div className="shrink-0 border-line border-t p-2">
      <Menu align="start" side="top" trigger={<UserButton name={me.username} role={t(`roles.${me.role}`)} />}>
        <MenuItem icon={<Settings />} onSelect={() => void navigate({ to: '/settings' })}>
          {t('places.settings')}
        </MenuItem>
        <MenuItem icon={<KeyRound />} onSelect={() => void navigate({ to: '/keys' })}>
          {t('places.keys')}
        </MenuItem>
        <MenuItem icon={<ChartColumn />} onSelect={() => void navigate({ to: '/usage' })}>
          {t('places.usage')}
        </MenuItem>
        {isAdmin(me) && (
          <MenuItem icon={<Wrench />} onSelect={() => void navigate({ to: '/admin/providers' })}>
            {t('admin')}
          </MenuItem>
        )}
        <MenuLine />
        <ThemeChoices />
        <LanguageChoices />
        <MenuItem icon={<Keyboard />} shortcut="?" onSelect={openShortcuts}>
          {t('shortcuts')}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<LogOut />} onSelect={() => void signOut()}>
          {t('signOut')}
        </MenuItem>
      </Menu>
    </div>
  )
}

function UserButton({ name, role, ...rest }: { name: string; role: string }) {
  return (
    <button
      type="button"
      className="target flex w-full items-center gap-2.5 rounded-control px-2 py-1 text-left hover:bg-surface-2 data-[state=open]:bg-surface-2"
      {...rest}
    >
      <span
        aria-hidden="true"
        className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft font-medium text-13 text-accent"
      >
        {name.slice(0, 1).toUpperCase()}
      </span>
      <span className="min-w-0 grow truncate">{name}</span>
      <span className="text-12 text-muted">{role}</span>
      <ChevronsUpDown aria-hidden="true" className="size-4 text-muted" />
    </button>
  )
}

function ThemeChoices() {
  const { t } = useTranslation('sidebar')
  const [theme, setTheme] = useTheme()
  return (
    <MenuSub icon={<SunMoon />} label={t('theme')}>
      {THEMES.map((one) => (
        <MenuChoice key={one} chosen={one === theme} onSelect={() => setTheme(one)}>
          {t(`themes.${one}`)}
        </MenuChoice>
      ))}
    </MenuSub>
  )
}

function LanguageChoices() {
  const { t, i18n } = useTranslation('sidebar')
  return (
    <MenuSub icon={<Languages />} label={t('language')}>
      {Object.entries(LANGUAGES).map(([key, name]) => (
        <MenuChoice key={key} chosen={key === i18n.language} onSelect={() => void chooseLanguage(key as Language)}>
          {name}
        </MenuChoice>
      ))}
    </MenuSub>
  )
}
