import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { ApiError } from '../../api/client'
import { changeKey, createKey, type Key, keyQueries, type NewKey } from '../../api/keys'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { ExpiryField } from './expiry-field'
import { ModelsField } from './models-field'

const MAX_PER_MINUTE = 1_000_000

interface KeyFormProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** The key that is changed; a new one is made without it. */
  edited?: Key
  onMade: (key: NewKey) => void
}

export function KeyForm({ open, onOpenChange, edited, onMade }: KeyFormProps) {
  const { t } = useTranslation('keys')
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={edited ? t('editTitle') : t('createTitle')}>
      <KeyFields key={String(open)} edited={edited} onMade={onMade} onCancel={() => onOpenChange(false)} />
    </Dialog>
  )
}

interface KeyFieldsProps {
  edited: Key | undefined
  onMade: (key: NewKey) => void
  onCancel: () => void
}

function KeyFields({ edited, onMade, onCancel }: KeyFieldsProps) {
  const { t } = useTranslation('keys')
  const queries = useQueryClient()
  const formId = useId()
  const [name, setName] = useState(edited?.name ?? '')
  const [limit, setLimit] = useState(edited?.requests_per_minute?.toString() ?? '')
  const [models, setModels] = useState<string[] | null>(edited?.models ?? null)
  const [expiresAt, setExpiresAt] = useState<string | null>(edited?.expires_at ?? null)
  const save = useMutation({
    mutationFn: async () => {
      const fields = {
        name: name.trim(),
        models,
        requests_per_minute: limit === '' ? null : Number(limit),
        expires_at: expiresAt,
      }
      return edited ? { ...(await changeKey(edited.id, fields)), key: '' } : createKey(fields)
    },
    onSuccess: (key) => {
      onMade(key)
      void queries.invalidateQueries({ queryKey: keyQueries.all() })
    },
  })
  const problem = save.error instanceof ApiError ? save.error : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form id={formId} onSubmit={submit} className="grid gap-5">
      <Field label={t('form.name')} hint={t('form.nameHint')} error={problem?.problemOf('name')}>
        {(control) => (
          <Input {...control} required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <ModelsField
        value={models}
        onChange={setModels}
        error={problem?.details.find((one) => one.field.startsWith('models'))?.problem}
      />
      <Field label={t('form.limit')} hint={t('form.limitHint')} error={problem?.problemOf('requests_per_minute')}>
        {(control) => (
          <Input
            {...control}
            type="number"
            inputMode="numeric"
            min={1}
            max={MAX_PER_MINUTE}
            className="max-w-40"
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
          />
        )}
      </Field>
      <ExpiryField value={expiresAt} onChange={setExpiresAt} error={problem?.problemOf('expires_at')} />
      {save.error && !problem?.details.length && (
        <p role="alert" className="text-bad">
          {save.error.message}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t('form.cancel')}</Button>
        <Button type="submit" look="primary" busy={save.isPending}>
          {edited ? t('form.save') : t('create')}
        </Button>
      </div>
    </form>
  )
}
