import { useQuery } from '@tanstack/react-query'
import { modelQueries } from '../../api/models'
import type { Settings } from '../../api/settings'
import { useTranslation } from '../../i18n/use-translation'
import { Field } from '../../ui/field'
import { Section } from '../../ui/page'
import { Select } from '../../ui/select'
import { useSetting } from './use-setting'

const TASKS = ['chat', 'vision', 'embedding'] as const
type Task = (typeof TASKS)[number]
/** Radix takes no empty value. */
const NONE = '-'

export function DefaultModels({ settings }: { settings: Settings }) {
  const { t } = useTranslation('adminSettings')
  return (
    <Section title={t('models.title')} description={t('models.text')}>
      {TASKS.map((task) => (
        <DefaultModel key={task} task={task} chosen={settings.default_models[task]} />
      ))}
    </Section>
  )
}

function DefaultModel({ task, chosen }: { task: Task; chosen: string | null }) {
  const { t } = useTranslation('adminSettings')
  const { save } = useSetting()
  const { data } = useQuery(modelQueries.list())
  const fitting = data?.models.filter((model) => fits(model.type, task)).map((model) => model.id) ?? []
  // What is set stays in the list though its provider is away.
  const ids = chosen !== null && !fitting.includes(chosen) ? [chosen, ...fitting] : fitting
  return (
    <Field label={t(`models.${task}`)} hint={t(`models.${task}Hint`)}>
      {(control) => (
        <Select
          {...control}
          value={chosen ?? NONE}
          onChange={(next) =>
            save({ default_models: { [task]: next === NONE ? null : next } }, { default_models: { [task]: chosen } })
          }
          options={[{ value: NONE, label: t('models.none') }, ...ids.map((id) => ({ value: id, label: id }))]}
        />
      )}
    </Field>
  )
}

function fits(type: 'llm' | 'vlm' | 'embeddings', task: Task): boolean {
  if (task === 'embedding') return type === 'embeddings'
  return task === 'vision' ? type === 'vlm' : type !== 'embeddings'
}
