import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/client'
import { useMe } from '../../api/session'
import { changeUser, createUser, type User, userQueries } from '../../api/users'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Checkbox } from '../../ui/checkbox'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'
import type { OneTime } from './password-shown'

const GRANTABLE = ['personal_providers', 'load_models'] as const

interface UserFormProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  edited?: User
  onOneTime: (oneTime: OneTime) => void
}

export function UserForm({ open, onOpenChange, edited, onOneTime }: UserFormProps) {
  const { t } = useTranslation('users')
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={edited ? t('editTitle') : t('createTitle')}>
      <UserFields key={String(open)} edited={edited} onClose={() => onOpenChange(false)} onOneTime={onOneTime} />
    </Dialog>
  )
}

interface UserFieldsProps {
  edited: User | undefined
  onClose: () => void
  onOneTime: (oneTime: OneTime) => void
}

function UserFields({ edited, onClose, onOneTime }: UserFieldsProps) {
  const { t } = useTranslation('users')
  const me = useMe()
  const queries = useQueryClient()
  const [username, setUsername] = useState(edited?.username ?? '')
  const [role, setRole] = useState<User['role']>(edited?.role ?? 'user')
  const [permissions, setPermissions] = useState<User['permissions']>(
    edited?.permissions.filter((one) => one !== 'manage') ?? [],
  )
  const save = useMutation({
    mutationFn: async () => {
      const fields = { username: username.trim(), role, permissions: role === 'admin' ? [] : permissions }
      if (edited) await changeUser(edited.id, fields)
      else {
        const made = await createUser(fields)
        if (made.one_time_password !== null) onOneTime({ username: made.username, password: made.one_time_password })
      }
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: userQueries.all() })
      onClose()
    },
  })
  const problem = save.error instanceof ApiError ? save.error : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-5">
      <Field label={t('form.username')} error={problem?.problemOf('username')}>
        {(control) => (
          <Input
            {...control}
            required
            maxLength={150}
            autoCapitalize="none"
            autoComplete="off"
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
      </Field>
      <div className="grid gap-2">
        <span className="font-medium">{t('column.role')}</span>
        <div>
          <Segmented
            label={t('column.role')}
            value={role}
            onChange={(next) => edited?.id !== me.id && setRole(next)}
            options={[
              { value: 'user', label: t('role.user') },
              { value: 'admin', label: t('role.admin') },
            ]}
          />
        </div>
        <p className="text-13 text-muted">{edited?.id === me.id ? t('form.ownRole') : t(`form.${role}Hint`)}</p>
      </div>
      {role === 'user' && (
        <fieldset>
          <legend className="font-medium">{t('column.permissions')}</legend>
          {GRANTABLE.map((one) => (
            <Checkbox
              key={one}
              label={t(`permission.${one}`)}
              hint={t(`permissionHint.${one}`)}
              checked={permissions.includes(one)}
              onChange={(isOn) =>
                setPermissions(isOn ? [...permissions, one] : permissions.filter((other) => other !== one))
              }
            />
          ))}
        </fieldset>
      )}
      {!edited && <p className="text-13 text-muted">{t('form.oneTimeHint')}</p>}
      {save.error && !problem?.details.length && (
        <p role="alert" className="text-bad">
          {save.error.message}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t('form.cancel')}</Button>
        <Button type="submit" look="primary" busy={save.isPending}>
          {edited ? t('form.save') : t('create')}
        </Button>
      </div>
    </form>
  )
}
