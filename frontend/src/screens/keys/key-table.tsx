import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, PenLine, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type Key, keyQueries, type NewKey, revokeKey, rotateKey } from '../../api/keys'
import { useTranslation } from '../../i18n/use-translation'
import { wholeNumber } from '../../lib/format'
import { Badge } from '../../ui/badge'
import { Confirm } from '../../ui/confirm'
import { IconButton } from '../../ui/icon-button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { RelativeTime } from '../../ui/relative-time'
import { type Column, Table } from '../../ui/table'
import { useToast } from '../../ui/toast'
import { KeyForm } from './key-form'

interface KeyTableProps {
  keys: readonly Key[]
  /** Administrators see everybody's. */
  showsOwner: boolean
  onRotated: (made: NewKey) => void
}

export function KeyTable({ keys, showsOwner, onRotated }: KeyTableProps) {
  const { t, i18n } = useTranslation('keys')
  const columns: Column<Key>[] = [
    { id: 'name', header: t('column.name'), cell: (key) => <KeyName value={key} /> },
    { id: 'models', header: t('column.models'), cell: (key) => <KeyModels models={key.models} /> },
    {
      id: 'limit',
      header: t('column.limit'),
      numeric: true,
      cell: (key) =>
        key.requests_per_minute === null ? (
          <span className="text-muted">{t('noLimit')}</span>
        ) : (
          t('perMinute', { value: wholeNumber(key.requests_per_minute, i18n.language) })
        ),
    },
    {
      id: 'used',
      header: t('column.used'),
      cell: (key) =>
        key.last_used_at ? <RelativeTime at={key.last_used_at} /> : <span className="text-muted">{t('never')}</span>,
    },
    { id: 'expires', header: t('column.expires'), cell: (key) => <Expiry at={key.expires_at} /> },
    ...(showsOwner ? [{ id: 'owner', header: t('column.owner'), cell: (key: Key) => key.username ?? '' }] : []),
    {
      id: 'acts',
      header: <span className="sr-only">{t('column.acts')}</span>,
      cell: (key) => <Acts value={key} onRotated={onRotated} />,
      className: 'w-0',
    },
  ]
  return <Table label={t('title')} columns={columns} rows={keys} rowKey={(key) => key.id} />
}

function KeyName({ value }: { value: Key }) {
  return (
    <div className="grid">
      <span className="font-medium">{value.name}</span>
      <code className="font-mono text-12 text-muted">{value.prefix}…</code>
    </div>
  )
}

const SHOWN_MODELS = 2

function KeyModels({ models }: { models: readonly string[] | null }) {
  const { t } = useTranslation('keys')
  if (models === null) return <span className="text-muted">{t('allModels')}</span>
  const rest = models.length - SHOWN_MODELS
  return (
    <div className="flex flex-wrap gap-1" title={models.join('\n')}>
      {models.slice(0, SHOWN_MODELS).map((model) => (
        <Badge key={model}>{model}</Badge>
      ))}
      {rest > 0 && <Badge>{t('moreModels', { count: rest })}</Badge>}
    </div>
  )
}

function Expiry({ at }: { at: string | null }) {
  const { t } = useTranslation('keys')
  if (at === null) return <span className="text-muted">{t('neverExpires')}</span>
  return new Date(at) < new Date() ? <Badge tone="bad">{t('expired')}</Badge> : <RelativeTime at={at} />
}

function Acts({ value, onRotated }: { value: Key; onRotated: (made: NewKey) => void }) {
  const { t } = useTranslation('keys')
  const queries = useQueryClient()
  const show = useToast()
  const [asking, setAsking] = useState<'edit' | 'rotate' | 'revoke' | null>(null)
  const done = () => {
    setAsking(null)
    void queries.invalidateQueries({ queryKey: keyQueries.all() })
  }
  const say = (error: Error) => show({ tone: 'bad', text: error.message })
  const rotate = useMutation({
    mutationFn: () => rotateKey(value.id),
    onSuccess: onRotated,
    onError: say,
    onSettled: done,
  })
  const revoke = useMutation({
    mutationFn: () => revokeKey(value.id),
    onSuccess: () => show({ text: t('revoked', { name: value.name }) }),
    onError: say,
    onSettled: done,
  })
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('actsOf', { name: value.name })} size="small">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem icon={<PenLine />} onSelect={() => setAsking('edit')}>
          {t('edit')}
        </MenuItem>
        <MenuItem icon={<RefreshCw />} onSelect={() => setAsking('rotate')}>
          {t('rotate')}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 />} danger onSelect={() => setAsking('revoke')}>
          {t('revoke')}
        </MenuItem>
      </Menu>
      {asking === 'edit' && <KeyForm open onOpenChange={() => setAsking(null)} edited={value} onMade={done} />}
      <Confirm
        open={asking === 'rotate'}
        onOpenChange={() => setAsking(null)}
        title={t('rotateTitle', { name: value.name })}
        description={t('rotateText')}
        action={t('rotate')}
        busy={rotate.isPending}
        onConfirm={() => rotate.mutate()}
      />
      <Confirm
        open={asking === 'revoke'}
        onOpenChange={() => setAsking(null)}
        title={t('revokeTitle', { name: value.name })}
        description={t('revokeText')}
        action={t('revoke')}
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
      />
    </>
  )
}
