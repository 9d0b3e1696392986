import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/client'
import { changePassword, typedOneTimePassword } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { PasswordInput } from '../../ui/password-input'

const MIN_LENGTH = 8

export function PasswordStep() {
  const { t } = useTranslation('welcome')
  const [typed] = useState(typedOneTimePassword)
  const [current, setCurrent] = useState(typed)
  const [next, setNext] = useState('')
  const attempt = useMutation({ mutationFn: () => changePassword(current, next) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt.mutate()
  }
  const problem = attempt.error instanceof ApiError ? attempt.error : undefined
  const isWrong = problem?.code === 'credential_invalid'
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p className="text-muted">{t('password.text')}</p>
      {(typed === '' || isWrong) && (
        <Field label={t('password.oneTime')} error={isWrong ? t('password.wrong') : ''}>
          {(control) => (
            <PasswordInput
              {...control}
              autoComplete="current-password"
              required
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
      )}
      <Field
        label={t('password.new')}
        hint={t('password.hint', { count: MIN_LENGTH })}
        error={problem?.problemOf('new_password')}
      >
        {(control) => (
          <PasswordInput
            {...control}
            autoComplete="new-password"
            minLength={MIN_LENGTH}
            required
            value={next}
            onChange={(event) => setNext(event.target.value)}
          />
        )}
      </Field>
      {problem && !isWrong && problem.details.length === 0 && (
        <p role="alert" className="text-bad">
          {problem.message}
        </p>
      )}
      <Button type="submit" look="primary" className="justify-self-start" busy={attempt.isPending}>
        {t('password.save')}
      </Button>
    </form>
  )
}
