import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/client'
import { changePassword } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { PasswordInput } from '../../ui/password-input'

export const MIN_PASSWORD_LENGTH = 8

interface NewPasswordFormProps {
  /** The one-time password, where it was typed a moment ago; else it is asked for. */
  current: string
  onDone: () => void
}

export function NewPasswordForm({ current, onDone }: NewPasswordFormProps) {
  const { t } = useTranslation('signIn')
  const [typedCurrent, setTypedCurrent] = useState('')
  const [password, setPassword] = useState('')
  const attempt = useMutation({
    mutationFn: () => changePassword(current || typedCurrent, password),
    onSuccess: onDone,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt.mutate()
  }
  const problem = attempt.error instanceof ApiError ? attempt.error : undefined
  return (
    <form onSubmit={submit} className="grid gap-4">
      {!current && (
        <Field label={t('oneTime')} error={problem?.code === 'credential_invalid' ? t('problem.wrongOneTime') : ''}>
          {(control) => (
            <PasswordInput
              {...control}
              autoComplete="current-password"
              required
              value={typedCurrent}
              onChange={(event) => setTypedCurrent(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label={t('newPassword')}
        hint={t('newHint', { count: MIN_PASSWORD_LENGTH })}
        error={problem?.problemOf('new_password')}
      >
        {(control) => (
          <PasswordInput
            {...control}
            name="new-password"
            autoComplete="new-password"
            minLength={MIN_PASSWORD_LENGTH}
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      {attempt.error && !problem?.details.length && problem?.code !== 'credential_invalid' && (
        <p role="alert" className="text-bad">
          {attempt.error.message}
        </p>
      )}
      <Button type="submit" look="primary" busy={attempt.isPending}>
        {t('save')}
      </Button>
    </form>
  )
}
