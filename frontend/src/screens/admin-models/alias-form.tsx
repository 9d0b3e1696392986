import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { aliasQueries, createAlias } from '../../api/aliases'
import { modelQueries } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'

export function AliasForm() {
  const { t } = useTranslation('models')
  const queries = useQueryClient()
  const listId = useId()
  const { data } = useQuery(modelQueries.list())
  const [name, setName] = useState('')
  const [model, setModel] = useState('')
  const create = useMutation({
    mutationFn: () => createAlias(name.trim(), model.trim()),
    onSuccess: () => {
      setName('')
      setModel('')
      void queries.invalidateQueries({ queryKey: aliasQueries.all() })
      void queries.invalidateQueries({ queryKey: modelQueries.all() })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-3 sm:grid-cols-[1fr_2fr_auto] sm:items-end">
      <Field label={t('aliases.name')}>
        {(control) => (
          <Input {...control} required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label={t('aliases.model')}>
        {(control) => (
          <Input
            {...control}
            required
            list={listId}
            spellCheck={false}
            value={model}
            onChange={(event) => setModel(event.target.value)}
          />
        )}
      </Field>
      <datalist id={listId}>
        {data?.models.map((one) => (
          <option key={one.id} value={one.id} />
        ))}
      </datalist>
      <Button type="submit" busy={create.isPending}>
        {t('aliases.add')}
      </Button>
      {create.error && (
        <p role="alert" className="text-13 text-bad sm:col-span-3">
          {create.error.message}
        </p>
      )}
    </form>
  )
}
