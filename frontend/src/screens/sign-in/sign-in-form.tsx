import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, type Me } from '../../api/client'
import { signIn } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { PasswordInput } from '../../ui/password-input'

export function SignInForm({ onSignedIn }: { onSignedIn: (me: Me) => void }) {
  const { t } = useTranslation('signIn')
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const attempt = useMutation({
    mutationFn: () => signIn(username, password),
    onSuccess: onSignedIn,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t('username')}>
        {(control) => (
          <Input
            {...control}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            required
            autoFocus
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
      </Field>
      <Field label={t('password')} hint={t('passwordHint')}>
        {(control) => (
          <PasswordInput
            {...control}
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      {attempt.error && (
        <p role="alert" className="text-bad">
          <SignInProblem error={attempt.error} />
        </p>
      )}
      <Button type="submit" look="primary" busy={attempt.isPending}>
        {t('signIn')}
      </Button>
    </form>
  )
}

function SignInProblem({ error }: { error: Error }) {
  const { t } = useTranslation('signIn')
  if (!(error instanceof ApiError)) return error.message
  switch (error.code) {
    case 'credential_invalid':
      return t('problem.wrong')
    case 'rate_limited':
      return t('problem.tooMany')
    case 'unreachable':
      return t('problem.unreachable')
    default:
      return error.message
  }
}
