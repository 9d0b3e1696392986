import { useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { PasswordInput } from '../../ui/password-input'
import type { FieldsProps } from './connection-fields'

interface KeyFieldProps extends FieldsProps {
  /** The address leads to another server now, so the stored key will be removed. */
  isLost: boolean
  isNeeded: boolean
}

/** Write-only: what is stored can be replaced or removed, never seen. */
export function KeyField({ state, set, problem, stored, isLost, isNeeded }: KeyFieldProps) {
  const { t } = useTranslation('providers')
  const [isReplacing, setIsReplacing] = useState(stored?.has_api_key !== true)
  if (!isReplacing && !isLost) {
    return (
      <div className="grid gap-1.5">
        <span className="font-medium">{t('field.key')}</span>
        <div className="flex flex-wrap items-center gap-2">
          <span className="grow text-muted">{state.removesKey ? t('field.keyRemoved') : t('field.keyStored')}</span>
          <Button size="small" onClick={() => setIsReplacing(true)}>
            {t('field.replaceKey')}
          </Button>
          <Button size="small" look="ghost" onClick={() => set({ removesKey: !state.removesKey })}>
            {state.removesKey ? t('field.keepKey') : t('field.removeKey')}
          </Button>
        </div>
      </div>
    )
  }
  return (
    <Field
      label={isNeeded ? t('field.key') : t('field.keyOptional')}
      hint={isLost ? <span className="text-warn">{t('field.keyLost')}</span> : t('field.keyHint')}
      error={problem('api_key')}
    >
      {(control) => (
        <PasswordInput
          {...control}
          autoComplete="off"
          value={state.apiKey}
          onChange={(event) => set({ apiKey: event.target.value, removesKey: false })}
        />
      )}
    </Field>
  )
}
