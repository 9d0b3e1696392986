import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/client'
import { changePassword, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { PasswordInput } from '../../ui/password-input'

const MIN_LENGTH = 8

interface PasswordFormProps {
  /** What the password that it replaces is. */
  replaces: 'current' | 'oneTime'
  /** That password, where it was typed a moment ago: it is asked for only when it turns out to be wrong. */
  known?: string
  /** The verb of the button. */
  action: string
  look?: 'primary' | 'secondary'
  /** The button is as wide as the form. */
  wide?: boolean
  onDone?: () => void
}

/** Chooses another password for whoever is signed in. */
export function PasswordForm({ replaces, known = '', action, look, wide, onDone }: PasswordFormProps) {
  const { t } = useTranslation('password')
  const me = useMe()
  const [isKnown] = useState(known !== '')
  const [current, setCurrent] = useState(known)
  const [next, setNext] = useState('')
  const attempt = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      setCurrent('')
      setNext('')
      onDone?.()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt.mutate()
  }
  const problem = attempt.error instanceof ApiError ? attempt.error : undefined
  const isWrong = problem?.problemOf('current_password') !== undefined
  const problemOfNext = problem?.problemOf('new_password')
  return (
    <form onSubmit={submit} className="grid gap-4">
      {/* Password managers want to know whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
      {(!isKnown || isWrong) && (
        <Field label={t(`${replaces}.label`)} error={isWrong ? t(`${replaces}.wrong`) : ''}>
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
      <Field label={t('new')} hint={t('hint', { count: MIN_LENGTH })} error={problemOfNext}>
        {(control) => (
          <PasswordInput
            {...control}
            name="new-password"
            autoComplete="new-password"
            required
            minLength={MIN_LENGTH}
            value={next}
            onChange={(event) => setNext(event.target.value)}
          />
        )}
      </Field>
      {attempt.error && !isWrong && problemOfNext === undefined && (
        <p role="alert" className="text-bad">
          {attempt.error.message}
        </p>
      )}
      <Button
        type="submit"
        look={look ?? 'secondary'}
        className={cn(!wide && 'justify-self-start')}
        busy={attempt.isPending}
      >
        {action}
      </Button>
    </form>
  )
}
