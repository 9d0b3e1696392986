import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, KeyRound, PenLine, Trash2, UserCheck, UserX } from 'lucide-react'
import { useState } from 'react'
import { useMe } from '../../api/session'
import { changeUser, deleteUser, resetPassword, type User, userQueries } from '../../api/users'
import { useTranslation } from '../../i18n/use-translation'
import { Badge } from '../../ui/badge'
import { Confirm } from '../../ui/confirm'
import { IconButton } from '../../ui/icon-button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { RelativeTime } from '../../ui/relative-time'
import { type Column, Table } from '../../ui/table'
import { useToast } from '../../ui/toast'
import type { OneTime } from './password-shown'
import { UserForm } from './user-form'

interface UserTableProps {
  users: readonly User[]
  onOneTime: (oneTime: OneTime) => void
}

export function UserTable({ users, onOneTime }: UserTableProps) {
  const { t } = useTranslation('users')
  const columns: Column<User>[] = [
    { id: 'name', header: t('column.name'), cell: (user) => <UserName user={user} /> },
    { id: 'role', header: t('column.role'), cell: (user) => t(`role.${user.role}`) },
    { id: 'permissions', header: t('column.permissions'), cell: (user) => <Permissions user={user} /> },
    {
      id: 'login',
      header: t('column.login'),
      cell: (user) =>
        user.last_login_at ? (
          <RelativeTime at={user.last_login_at} />
        ) : (
          <span className="text-muted">{t('never')}</span>
        ),
    },
    {
      id: 'acts',
      header: <span className="sr-only">{t('column.acts')}</span>,
      cell: (user) => <Acts user={user} onOneTime={onOneTime} />,
      className: 'w-0',
    },
  ]
  return <Table label={t('title')} columns={columns} rows={users} rowKey={(user) => user.id} />
}

function UserName({ user }: { user: User }) {
  const { t } = useTranslation('users')
  const me = useMe()
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="font-medium">{user.username}</span>
      {user.id === me.id && <Badge tone="accent">{t('you')}</Badge>}
      {!user.enabled && <Badge tone="bad">{t('disabled')}</Badge>}
      {user.must_change_password && <Badge tone="warn">{t('hasOneTime')}</Badge>}
    </div>
  )
}

function Permissions({ user }: { user: User }) {
  const { t } = useTranslation('users')
  if (user.role === 'admin') return <span className="text-muted">{t('everything')}</span>
  const granted = user.permissions.filter((one) => one !== 'manage')
  if (granted.length === 0) return <span className="text-muted">{t('chatOnly')}</span>
  return (
    <div className="flex flex-wrap gap-1">
      {granted.map((one) => (
        <Badge key={one}>{t(`permission.${one}`)}</Badge>
      ))}
    </div>
  )
}

function Acts({ user, onOneTime }: { user: User; onOneTime: (oneTime: OneTime) => void }) {
  const { t } = useTranslation('users')
  const me = useMe()
  const queries = useQueryClient()
  const show = useToast()
  const [asking, setAsking] = useState<'edit' | 'reset' | 'delete' | null>(null)
  const isMe = user.id === me.id
  const settled = {
    onError: (error: Error) => show({ tone: 'bad', text: error.message }),
    onSettled: () => {
      setAsking(null)
      void queries.invalidateQueries({ queryKey: userQueries.all() })
    },
  }
  const enable = useMutation({ mutationFn: () => changeUser(user.id, { enabled: !user.enabled }), ...settled })
  const reset = useMutation({
    mutationFn: () => resetPassword(user.id),
    onSuccess: (password) => onOneTime({ username: user.username, password }),
    ...settled,
  })
  const remove = useMutation({
    mutationFn: () => deleteUser(user.id),
    onSuccess: () => show({ text: t('deleted', { name: user.username }) }),
    ...settled,
  })
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('actsOf', { name: user.username })} size="small">
            <Ellipsis className="size-4" />
          </IconButton>
        }
      >
        <MenuItem icon={<PenLine />} onSelect={() => setAsking('edit')}>
          {t('edit')}
        </MenuItem>
        <MenuItem icon={<KeyRound />} disabled={isMe} onSelect={() => setAsking('reset')}>
          {t('reset')}
        </MenuItem>
        <MenuItem icon={user.enabled ? <UserX /> : <UserCheck />} disabled={isMe} onSelect={() => enable.mutate()}>
          {user.enabled ? t('disable') : t('enable')}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 />} danger disabled={isMe} onSelect={() => setAsking('delete')}>
          {t('delete')}
        </MenuItem>
      </Menu>
      {asking === 'edit' && <UserForm open edited={user} onOpenChange={() => setAsking(null)} onOneTime={onOneTime} />}
      <Confirm
        open={asking === 'reset'}
        onOpenChange={() => setAsking(null)}
        title={t('resetTitle', { name: user.username })}
        description={t('resetText')}
        action={t('reset')}
        busy={reset.isPending}
        onConfirm={() => reset.mutate()}
      />
      <Confirm
        open={asking === 'delete'}
        onOpenChange={() => setAsking(null)}
        title={t('deleteTitle', { name: user.username })}
        description={t('deleteText')}
        action={t('delete')}
        typed={user.username}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  )
}
