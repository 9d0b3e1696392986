import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { modelQueries } from '../../api/models'
import { useTranslation } from '../../i18n/use-translation'
import { Field } from '../../ui/field'
import { Input } from '../../ui/input'
import { Section } from '../../ui/page'
import type { FieldsProps } from './connection-fields'

const TASKS = ['chat', 'vision', 'embedding'] as const

/** The models that answer when a request names this provider's none, and what they are sent unless a request says else. */
export function ModelFields({ state, set, problem, stored }: FieldsProps) {
  const { t } = useTranslation('providers')
  const listId = useId()
  const { data } = useQuery(modelQueries.list())
  const names = data?.models.filter((model) => model.provider === stored?.slug).map((model) => model.model_id) ?? []
  return (
    <Section title={t('defaults')} description={t('defaultsText')}>
      {TASKS.map((task) => (
        <Field key={task} label={t(`field.${task}`)} error={problem(`models.${task}`)}>
          {(control) => (
            <Input
              {...control}
              list={listId}
              spellCheck={false}
              value={state[task]}
              placeholder={t('field.noModel')}
              onChange={(event) => set({ [task]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <datalist id={listId}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('field.maxTokens')} hint={t('field.maxTokensHint')} error={problem('max_tokens')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={10_000_000}
              value={state.maxTokens}
              onChange={(event) => set({ maxTokens: event.target.value })}
            />
          )}
        </Field>
        <Field label={t('field.temperature')} hint={t('field.temperatureHint')} error={problem('temperature')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={2}
              step={0.05}
              value={state.temperature}
              onChange={(event) => set({ temperature: event.target.value })}
            />
          )}
        </Field>
      </div>
    </Section>
  )
}
