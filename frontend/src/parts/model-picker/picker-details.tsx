import { Pin } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { wholeNumber } from '../../lib/format'
import { IconButton } from '../../ui/icon-button'
import { AbilityMarks } from './ability-marks'
import type { Entry } from './catalog'
import { LoadButton } from './load-button'
import { isToy, stateWord } from './picker-words'

interface PickerDetailsProps {
  entry: Entry
  isPinned: boolean
  onPin: () => void
}

/** What there is to know of the model under the pointer or the arrow keys; always of one height. */
export function PickerDetails({ entry, isPinned, onPin }: PickerDetailsProps) {
  const { t, i18n } = useTranslation('picker')
  const { model, source } = entry
  const number = (value: number) => wholeNumber(value, i18n.language)
  const context =
    model.loaded_context_length !== null && model.max_context_length !== null
      ? t('contextOf', { loaded: number(model.loaded_context_length), most: number(model.max_context_length) })
      : model.max_context_length !== null && t('context', { most: number(model.max_context_length) })
  const facts = [stateWord(entry.state, t), context, model.quantization, model.arch].filter(Boolean)
  return (
    <div className="flex items-start gap-2 border-line border-t bg-surface-0 py-2 pr-2 pl-3">
      <div className="grid min-w-0 grow gap-0.5 text-12 text-muted">
        <p className="truncate font-mono text-text" title={model.id}>
          {model.id}
        </p>
        <p className="truncate">{entry.state === 'down' ? source.problem : facts.join(' · ')}</p>
        {isToy(entry) ? (
          <p className="truncate" title={t('toyHint')}>
            {t('toyHint')}
          </p>
        ) : (
          <p className="flex h-4 gap-3 overflow-hidden whitespace-nowrap">
            <AbilityMarks capabilities={model.capabilities} inWords />
          </p>
        )}
      </div>
      <LoadButton model={model} />
      <IconButton
        label={isPinned ? t('unpin') : t('pin')}
        shortcut="Alt P"
        size="small"
        aria-pressed={isPinned}
        onClick={onPin}
      >
        <Pin className={cn('size-4', isPinned && 'fill-current')} />
      </IconButton>
    </div>
  )
}
