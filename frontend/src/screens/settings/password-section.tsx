import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../api/client'
import { changePassword, useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { Section } from '../../ui/page'
import { PasswordInput } from '../../ui/password-input'
import { useToast } from '../../ui/toast'

const MIN_LENGTH = 8

export function PasswordSection() {
  const { t } = useTranslation('settings')
  const me = useMe()
  const show = useToast()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const save = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      setCurrent('')
      setNext('')
      show({ text: t('password.saved') })
    },
  })
  const problem = save.error instanceof ApiError ? save.error : undefined
  const isWrong = problem?.code === 'credential_invalid'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Section title={t('password.title')} description={t('password.text', { name: me.username })}>
      <form onSubmit={submit} className="grid gap-4">
        {/* Password managers want to know whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
        <Field label={t('password.current')} error={isWrong ? t('password.wrong') : ''}>
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
        <Field
          label={t('password.new')}
          hint={t('password.hint', { count: MIN_LENGTH })}
          error={problem?.problemOf('new_password')}
        >
          {(control) => (
            <PasswordInput
              {...control}
              autoComplete="new-password"
              required
              minLength={MIN_LENGTH}
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
        <Button type="submit" className="justify-self-start" busy={save.isPending}>
          {t('password.save')}
        </Button>
      </form>
    </Section>
  )
}
