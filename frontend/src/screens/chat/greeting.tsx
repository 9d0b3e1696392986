import { useMe } from '../../api/session'
import { useTranslation } from '../../i18n/use-translation'
import type { Catalog, Entry } from '../../parts/model-picker/catalog'
import { NoModels } from '../../parts/model-picker/no-models'
import { isToy } from '../../parts/model-picker/picker-words'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { CableDot } from '../../ui/cable-dot'

interface GreetingProps {
  /** Null: nobody knows yet. */
  catalog: Catalog | null
  /** Who answers; null where no model was chosen and none is the default. */
  entry: Entry | null
  onChoose: () => void
  isTemporary: boolean
  onSuggestion: (text: string) => void
}

/** Who is there, who answers, and something to begin with. */
export function Greeting({ catalog, entry, onChoose, isTemporary, onSuggestion }: GreetingProps) {
  const { t } = useTranslation('chat')
  const me = useMe()
  return (
    <div className="min-h-0 grow overflow-y-auto [scrollbar-gutter:stable_both-edges]">
      <div className="mx-auto flex min-h-full max-w-[49rem] flex-col justify-center gap-6 px-4 py-8 sm:px-6">
        <div className="grid gap-2">
          <h1 className="wrap-anywhere font-semibold text-28">
            {isTemporary ? t('greeting.temporary') : t('greeting.hello', { name: me.username })}
          </h1>
          <WhoAnswers entry={entry} isTemporary={isTemporary} />
        </div>
        {catalog !== null && entry === null && <NobodyAnswers catalog={catalog} onChoose={onChoose} />}
        <Suggestions entry={entry} onSuggestion={onSuggestion} />
      </div>
    </div>
  )
}

function WhoAnswers({ entry, isTemporary }: Pick<GreetingProps, 'entry' | 'isTemporary'>) {
  const { t } = useTranslation('chat')
  if (isTemporary) return <p className="max-w-form text-16 text-muted">{t('greeting.temporaryText')}</p>
  // The words come with the model: nothing may stand there that is not so.
  if (entry === null) return <p className="min-h-6" />
  return (
    <div className="grid gap-1 text-16 text-muted">
      <p>
        <CableDot cable={entry.source.cable} className="mr-2" />
        {t('greeting.answers', { model: entry.name, provider: entry.source.name })}{' '}
        {isToy(entry) && <Badge tone="warn">{t('greeting.toy')}</Badge>}
      </p>
      {isToy(entry) && <p className="max-w-form text-14">{t('greeting.toyText')}</p>}
    </div>
  )
}

function NobodyAnswers({ catalog, onChoose }: { catalog: Catalog; onChoose: () => void }) {
  const { t } = useTranslation('chat')
  if (catalog.entries.length === 0) return <NoModels catalog={catalog} query="" needsVision={false} />
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="text-16 text-muted">{t('greeting.nobody')}</p>
      <Button look="primary" onClick={onChoose}>
        {t('greeting.choose')}
      </Button>
    </div>
  )
}

function Suggestions({ entry, onSuggestion }: Pick<GreetingProps, 'entry' | 'onSuggestion'>) {
  const { t } = useTranslation('chat')
  if (entry === null) return null
  const texts = isToy(entry)
    ? [t('suggestion.toyPatchbay'), t('suggestion.toyProvider'), t('suggestion.toySum'), t('suggestion.toyJoke')]
    : [t('suggestion.table'), t('suggestion.script'), t('suggestion.steps'), t('suggestion.explain')]
  return (
    <ul className="grid gap-2 sm:grid-cols-2">
      {texts.map((text) => (
        <li key={text} className="flex">
          <button
            type="button"
            onClick={() => onSuggestion(text)}
            className="target grow rounded-card border border-line bg-surface-1 px-4 py-3 text-left hover:bg-surface-2"
          >
            {text}
          </button>
        </li>
      ))}
    </ul>
  )
}
