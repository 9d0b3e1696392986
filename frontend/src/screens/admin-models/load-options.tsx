import { useQuery } from '@tanstack/react-query'
import type { LoadWish } from '../../api/lifecycle'
import { type ListedModel, modelQueries, type Parameter } from '../../api/models'
import type { Provider } from '../../api/providers'
import { useTranslation } from '../../i18n/use-translation'
import { fileSize, wholeNumber } from '../../lib/format'
import { Checkbox } from '../../ui/checkbox'
import { type ControlProps, Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Select } from '../../ui/select'
import { optionWords } from './option-words'

interface LoadOptionsProps {
  provider: Provider
  /** Undefined where it is no longer there. */
  model: ListedModel | undefined
  wish: LoadWish
  onChange: (wish: LoadWish) => void
  exclusiveHint: string
  /** What the gateway refused about one of them. */
  problem?: (option: string) => string | undefined
}

const AUTO = 'auto'

/** How a model is to be loaded: its context, whether alone, and what its provider's kind takes besides. */
export function LoadOptions({ provider, model, wish, onChange, exclusiveHint, problem }: LoadOptionsProps) {
  const { t } = useTranslation('lifecycle')
  const set = (name: string, value: unknown) => onChange({ ...wish, [name]: value })
  return (
    <div className="grid gap-4">
      <Field label={t('form.context')} hint={<ContextHint model={model} />} error={problem?.('context_length')}>
        {(control) => (
          <Input
            {...control}
            type="number"
            inputMode="numeric"
            min={1}
            max={model?.max_context_length ?? undefined}
            step={1}
            placeholder={t('form.provider')}
            value={wish.context_length ?? ''}
            onChange={({ target }) => set('context_length', target.value === '' ? undefined : Number(target.value))}
          />
        )}
      </Field>
      <Checkbox
        label={t('form.exclusive')}
        hint={exclusiveHint}
        checked={wish.exclusive ?? false}
        onChange={(isOn) => set('exclusive', isOn)}
      />
      {provider.load_options.length > 0 && (
        <div className="grid gap-4 sm:grid-cols-2">
          {provider.load_options.map((option) => {
            const words = optionWords(option.name, t)
            return (
              <Field
                key={option.name}
                label={words.what === null ? <code className="font-mono text-13">{words.label}</code> : words.label}
                hint={words.what}
                error={problem?.(option.name)}
                className="content-start"
              >
                {(control) => (
                  <OptionControl
                    option={option}
                    control={control}
                    value={wish[option.name]}
                    onChange={(value) => set(option.name, value)}
                  />
                )}
              </Field>
            )
          })}
        </div>
      )}
    </div>
  )
}

/** How long its context may be, and what memory it takes then, as far as that is known. */
function ContextHint({ model }: { model: ListedModel | undefined }) {
  const { t, i18n } = useTranslation('lifecycle')
  const { data: detail } = useQuery({ ...modelQueries.detail(model?.id ?? ''), enabled: model !== undefined })
  const most = model?.max_context_length ?? null
  const memory = detail?.memory_estimate_bytes ?? null
  const parts = [
    most === null ? t('form.contextUnknown') : t('form.contextHint', { most: wholeNumber(most, i18n.language) }),
  ]
  if (memory !== null) parts.push(t('form.memory', { size: fileSize(memory, i18n.language) }))
  return parts.join(' ')
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
  const chosen = value == null ? AUTO : String(value)
  if (option.type === 'boolean') {
    const answers = [
      { value: 'true', label: t('form.yes') },
      { value: 'false', label: t('form.no') },
    ]
    // What is known to hold unless chosen is said, instead of whose default it is.
    const usual = typeof option.default === 'boolean' ? String(option.default) : null
    return (
      <Select
        {...control}
        value={chosen === AUTO ? (usual ?? AUTO) : chosen}
        options={usual === null ? [auto, ...answers] : answers}
        onChange={(next) => onChange(next === AUTO ? undefined : next === 'true')}
      />
    )
  }
  if (option.choices) {
    return (
      <Select
        {...control}
        value={chosen}
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
      spellCheck={false}
      value={value == null ? '' : String(value)}
      onChange={({ target }) =>
        onChange(target.value === '' ? undefined : isNumber ? Number(target.value) : target.value)
      }
    />
  )
}
