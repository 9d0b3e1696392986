import { Check, Pin } from 'lucide-react'
import { memo } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { contextLength } from '../../lib/format'
import { Badge } from '../../ui/badge'
import { CableDot } from '../../ui/cable-dot'
import { Elapsed } from '../../ui/elapsed'
import { StateDot } from '../../ui/state-dot'
import { AbilityMarks } from './ability-marks'
import type { Entry } from './catalog'
import { contextOf, dotOf, isToy, stateWord } from './picker-words'

interface PickerRowProps {
  id: string
  entry: Entry
  /** Under its provider's heading its provider needs no name. */
  showsProvider: boolean
  isActive: boolean
  isChosen: boolean
  isPinned: boolean
}

/** One model. The list around it hears presses: by `data-row`, and `data-pin` for the pin. */
export const PickerRow = memo(function PickerRow(props: PickerRowProps) {
  const { id, entry, showsProvider, isActive, isChosen, isPinned } = props
  const { t } = useTranslation('picker')
  const context = contextOf(entry)
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the search field keeps the focus and names the active option
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      data-row={id}
      className={cn(
        'group/row target mx-1 scroll-mt-8 flex cursor-pointer items-center gap-2 rounded-control px-2 py-1 text-14 [contain-intrinsic-size:auto_36px] [content-visibility:auto]',
        isActive && 'bg-accent-soft',
        entry.state === 'down' && 'text-muted',
      )}
    >
      <StateDot state={dotOf(entry.state)} label={stateWord(entry.state, t)} />
      <span className="flex min-w-0 grow items-center gap-1.5">
        <span className={cn('truncate', isChosen && 'font-medium')}>{entry.name}</span>
        {isToy(entry) && <Badge tone="warn">{t('toy')}</Badge>}
        {entry.isDefault && <Badge>{t('default')}</Badge>}
        <AbilityMarks capabilities={entry.model.capabilities} />
        {entry.loadingSince !== null && (
          <span className="shrink-0 text-13 text-muted">
            {t('state.loading')} · <Elapsed since={entry.loadingSince} />
          </span>
        )}
        {showsProvider && (
          <span className="flex min-w-0 shrink items-center gap-1.5 text-13 text-muted">
            <CableDot cable={entry.source.cable} className="size-2" />
            <span className="truncate">
              {entry.isAlias ? t('aliasOf', { model: entry.model.name }) : entry.source.name}
            </span>
          </span>
        )}
      </span>
      <span className="flex shrink-0 items-center gap-2 text-12 text-muted tabular-nums">
        {entry.model.quantization !== null && <span className="hidden sm:inline">{entry.model.quantization}</span>}
        {context !== null && <span className="w-9 text-right">{contextLength(context)}</span>}
      </span>
      <span className="flex w-10 shrink-0 items-center justify-end gap-1.5">
        <span
          data-pin=""
          title={isPinned ? t('unpin') : t('pin')}
          className={cn(
            'rounded-control p-0.5 text-muted hover:text-text',
            !isPinned && 'opacity-0 group-hover/row:opacity-100 pointer-coarse:hidden',
          )}
        >
          <Pin aria-hidden="true" className={cn('size-3.5', isPinned && 'fill-current')} />
        </span>
        <Check aria-hidden="true" className={cn('size-4 text-accent', !isChosen && 'invisible')} />
      </span>
    </div>
  )
})
