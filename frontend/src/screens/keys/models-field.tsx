import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useId, useState } from 'react'
import { modelQueries } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { Button } from '../../ui/button'
import { Field } from '../../ui/field'
import { IconButton } from '../../ui/icon-button'
import { Input } from '../../ui/input'
import { Segmented } from '../../ui/segmented'

interface ModelsFieldProps {
  /** Names or patterns such as `groq/*`; null for every model. */
  value: string[] | null
  onChange: (value: string[] | null) => void
  error: string | undefined
}

export function ModelsField({ value, onChange, error }: ModelsFieldProps) {
  const { t } = useTranslation('keys')
  return (
    <div className="grid gap-2">
      <span className="font-medium">{t('form.models')}</span>
      <div>
        <Segmented
          label={t('form.models')}
          value={value === null ? 'all' : 'some'}
          onChange={(choice) => onChange(choice === 'all' ? null : [])}
          options={[
            { value: 'all', label: t('allModels') },
            { value: 'some', label: t('form.onlyThese') },
          ]}
        />
      </div>
      {value !== null && <Chosen value={value} onChange={onChange} error={error} />}
    </div>
  )
}

function Chosen({
  value,
  onChange,
  error,
}: {
  value: string[]
  onChange: (value: string[]) => void
  error: string | undefined
}) {
  const { t } = useTranslation('keys')
  const listId = useId()
  const [text, setText] = useState('')
  const { data } = useQuery(modelQueries.list())
  const providers = [...new Set(data?.models.map((model) => `${model.provider}/*`))]
  const offered = [...providers, ...(data?.models.map((model) => model.id) ?? [])].filter((one) => !value.includes(one))
  const add = () => {
    const name = text.trim()
    if (name && !value.includes(name)) onChange([...value, name])
    setText('')
  }
  return (
    <div className="grid gap-2">
      <ul className="flex flex-wrap gap-1.5">
        {value.map((model) => (
          <li key={model} className="flex items-center gap-1 rounded-full bg-surface-2 py-0.5 pr-1 pl-3 text-13">
            {model}
            <IconButton
              size="small"
              label={t('form.without', { model })}
              className="size-6 rounded-full"
              onClick={() => onChange(value.filter((one) => one !== model))}
            >
              <X className="size-3.5" />
            </IconButton>
          </li>
        ))}
      </ul>
      <Field label={t('form.addModel')} hint={t('form.patternHint')} error={error}>
        {(control) => (
          <div className="flex gap-2">
            <Input
              {...control}
              list={listId}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return
                event.preventDefault()
                add()
              }}
            />
            <datalist id={listId}>
              {offered.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
            <Button onClick={add} disabled={text.trim() === ''}>
              {t('form.add')}
            </Button>
          </div>
        )}
      </Field>
    </div>
  )
}
