import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LoadWish } from '../../api/lifecycle'
import { type ListedModel, modelQueries, type Parameter } from '../../api/models'
import type { Provider } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { fileSize, wholeNumber } from '../../lib/format'
import { Button } from '../../ui/button'
import { Checkbox } from '../../ui/checkbox'
import { Dialog } from '../../ui/dialog'
import { type ControlProps, Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Select } from '../../ui/select'

interface LoadFormProps {
  model: ListedModel
  provider: Provider
  onLoad: (model: string, wish: LoadWish) => void
  onClose: () => void
}

const AUTO = 'auto'

/** How a model is to be loaded: its context, whether alone, and what its provider's kind takes besides. */
export function LoadForm({ model, provider, onLoad, onClose }: LoadFormProps) {
  const { t, i18n } = useTranslation('lifecycle')
  const { data: detail } = useQuery(modelQueries.detail(model.id))
  const [context, setContext] = useState('')
  const [isAlone, setAlone] = useState(false)
  const [options, setOptions] = useState<Record<string, unknown>>({})
  const most = model.max_context_length
  const load = () => {
    onLoad(model.id, { ...options, exclusive: isAlone, ...(context && { context_length: Number(context) }) })
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('form.title', { model: model.name })}
      actions={
        <>
          <Button onClick={onClose}>{t('form.cancel')}</Button>
          <Button look="primary" type="submit" form="load-form">
            {t('form.load')}
          </Button>
        </>
      }
    >
      <form
        id="load-form"
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          load()
        }}
      >
        <Field
          label={t('form.context')}
          hint={most === null ? undefined : t('form.contextHint', { most: wholeNumber(most, i18n.language) })}
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={most ?? undefined}
              step={1}
              value={context}
              onChange={(event) => setContext(event.target.value)}
            />
          )}
        </Field>
        <Checkbox
          label={t('form.exclusive')}
          hint={t('form.exclusiveHint', { provider: provider.name })}
          checked={isAlone}
          onChange={setAlone}
        />
        {provider.load_options.map((option) => (
          <Field key={option.name} label={<span className="font-mono text-13">{option.name}</span>}>
            {(control) => (
              <OptionControl
                option={option}
                control={control}
                value={options[option.name]}
                onChange={(value) => setOptions((before) => ({ ...before, [option.name]: value }))}
              />
            )}
          </Field>
        ))}
        {detail?.memory_estimate_bytes != null && (
          <p className="text-13 text-muted">
            {t('form.memory', { size: fileSize(detail.memory_estimate_bytes, i18n.language) })}
          </p>
        )}
      </form>
    </Dialog>
  )
}

interface OptionControlProps {
  option: Parameter
  control: ControlProps
  value: unknown
  /** `undefined` leaves it to the provider. */
  onChange: (value: unknown) => void
}

function OptionControl({ option, control, value, onChange }: OptionControlProps) {
  const { t } = useTranslation('lifecycle')
  const auto = { value: AUTO, label: t('form.provider') }
  if (option.type === 'boolean') {
    const options = [auto, { value: 'true', label: t('form.yes') }, { value: 'false', label: t('form.no') }]
    return (
      <Select
        {...control}
        value={value === undefined ? AUTO : String(value)}
        options={options}
        onChange={(next) => onChange(next === AUTO ? undefined : next === 'true')}
      />
    )
  }
  if (option.choices) {
    return (
      <Select
        {...control}
        value={value === undefined ? AUTO : String(value)}
        options={[auto, ...option.choices.map((choice) => ({ value: choice, label: choice }))]}
        onChange={(next) => onChange(next === AUTO ? undefined : next)}
      />
    )
  }
  const isNumber = option.type === 'integer' || option.type === 'number'
  return (
    <Input
      {...control}
      type={isNumber ? 'number' : 'text'}
      min={option.minimum ?? undefined}
      max={option.maximum ?? undefined}
      step={option.type === 'integer' ? 1 : 'any'}
      placeholder={t('form.provider')}
      value={value === undefined ? '' : String(value)}
      onChange={({ target }) =>
        onChange(target.value === '' ? undefined : isNumber ? Number(target.value) : target.value)
      }
    />
  )
}
