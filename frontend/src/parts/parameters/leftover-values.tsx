import { X } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { IconButton } from '../../ui/icon-button'
import { wordsOf } from './parameter-words'
import type { Leftover } from './values'

interface LeftoverValuesProps {
  leftovers: readonly Leftover[]
  modelName: string
  onRemove: (name: string) => void
}

/** Values that have no control: the model does not take them, or nobody here knows what they are. */
export function LeftoverValues({ leftovers, modelName, onRemove }: LeftoverValuesProps) {
  const { t } = useTranslation('parameters')
  const groups = [
    { why: 'notTaken', title: t('notTaken.title', { model: modelName }), hint: t('notTaken.hint') },
    { why: 'passedOn', title: t('passedOn.title'), hint: t('passedOn.hint') },
  ].map((group) => ({ ...group, own: leftovers.filter((one) => one.why === group.why) }))
  return groups.map(
    ({ why, title, hint, own }) =>
      own.length > 0 && (
        <section key={why} aria-label={title} className="grid gap-1 rounded-card bg-surface-2 px-3 py-2">
          <h3 className="font-medium text-13">{title}</h3>
          <ul>
            {own.map(({ name, value }) => (
              <li key={name} className="flex min-w-0 items-center gap-2 text-13">
                <span className="shrink-0">{wordsOf(name, t).label}</span>
                <code className="min-w-0 grow truncate font-mono text-12 text-muted">{JSON.stringify(value)}</code>
                <IconButton
                  label={t('remove', { name: wordsOf(name, t).label })}
                  size="small"
                  onClick={() => onRemove(name)}
                >
                  <X className="size-4" />
                </IconButton>
              </li>
            ))}
          </ul>
          <p className="text-12 text-muted">{hint}</p>
        </section>
      ),
  )
}
