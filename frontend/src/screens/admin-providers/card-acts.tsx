import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Ellipsis, History, PenLine, Power, Star, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { modelQueries } from '../../api/models'
import { activateProvider, changeProvider, deleteProvider, type Provider, providerQueries } from '../../api/providers'
import { isAdmin, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Confirm } from '../../ui/confirm'
import { IconButton } from '../../ui/icon-button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { useToast } from '../../ui/toast'
import { HistorySheet } from './history-sheet'

interface CardActsProps {
  provider: Provider
  isTesting: boolean
  onTest: () => void
}

export function CardActs({ provider, isTesting, onTest }: CardActsProps) {
  const { t } = useTranslation('providers')
  const me = useMe()
  const navigate = useNavigate()
  const [asking, setAsking] = useState<'delete' | 'history' | null>(null)
  const close = () => setAsking(null)
  const enable = useAct(() => changeProvider(provider.slug, { enabled: !provider.enabled }, provider.version))
  const activate = useAct(() => activateProvider(provider.slug))
  const remove = useAct(() => deleteProvider(provider.slug), close)
  const canBeDefault = isAdmin(me) && provider.scope === 'shared' && provider.enabled && !provider.is_default
  return (
    <div className="flex items-center gap-1">
      <Button size="small" busy={isTesting} onClick={onTest}>
        {t('test')}
      </Button>
      <Menu
        trigger={
          <IconButton label={t('actsOf', { name: provider.name })} size="small">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem
          icon={<PenLine />}
          onSelect={() => void navigate({ to: '/admin/providers/$slug', params: { slug: provider.slug } })}
        >
          {t('edit')}
        </MenuItem>
        {canBeDefault && (
          <MenuItem icon={<Star />} onSelect={() => activate.mutate()}>
            {t('makeDefault')}
          </MenuItem>
        )}
        <MenuItem icon={<Power />} disabled={provider.is_default} onSelect={() => enable.mutate()}>
          {provider.enabled ? t('disable') : t('enable')}
        </MenuItem>
        {isAdmin(me) && (
          <MenuItem icon={<History />} onSelect={() => setAsking('history')}>
            {t('history')}
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={<Trash2 />} danger disabled={provider.is_default} onSelect={() => setAsking('delete')}>
          {t('delete')}
        </MenuItem>
      </Menu>
      <Confirm
        open={asking === 'delete'}
        onOpenChange={close}
        title={t('deleteTitle', { name: provider.name })}
        description={t('deleteText')}
        action={t('delete')}
        typed={provider.name}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
      {asking === 'history' && <HistorySheet provider={provider} onClose={close} />}
    </div>
  )
}

/** Does something to a provider, shows what it is then, and says why when it was refused. */
function useAct(act: () => Promise<unknown>, onSettled?: () => void) {
  const queries = useQueryClient()
  const show = useToast()
  return useMutation({
    mutationFn: act,
    onError: (error) => show({ tone: 'bad', text: error.message }),
    onSettled: () => {
      onSettled?.()
      void queries.invalidateQueries({ queryKey: providerQueries.all() })
      void queries.invalidateQueries({ queryKey: modelQueries.all() })
    },
  })
}
