import { ChevronDown } from 'lucide-react'
import type { ButtonHTMLAttributes, Ref } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { contextLength } from '../../lib/format'
import { CableDot } from '../../ui/cable-dot'
import type { Catalog, Entry } from './catalog'
import { contextOf, stateWord } from './picker-words'
import { useCatalog } from './use-catalog'

interface PickerTriggerProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'value'> {
  value: string | null
  /** Provider and state are shown on phones too: there is room for them. */
  alone?: boolean
  ref?: Ref<HTMLButtonElement>
}

/** Names the model that will answer, where it runs and how it is. */
export function PickerTrigger({ value, alone = false, className, ...rest }: PickerTriggerProps) {
  const { t } = useTranslation('picker')
  const { catalog } = useCatalog()
  const entry = chosen(catalog, value)
  const isGone = entry === null && value !== null && catalog !== null
  return (
    <button
      type="button"
      className={cn(
        'target flex min-w-0 items-center gap-2 rounded-control px-2 text-14 hover:bg-surface-2 data-[state=open]:bg-surface-2',
        className,
      )}
      {...rest}
    >
      <CableDot cable={entry?.source.cable} />
      <span className="sr-only">{t('model')}</span>
      <span className="truncate font-medium">{entry?.name ?? nameOf(value) ?? (catalog && t('choose'))}</span>
      <ChevronDown aria-hidden="true" className="size-4 shrink-0 text-muted" />
      {entry !== null && <Facts entry={entry} alone={alone} />}
      {isGone && <span className="hidden truncate text-13 text-warn sm:inline">{t('notListed')}</span>}
    </button>
  )
}

function Facts({ entry, alone }: { entry: Entry; alone: boolean }) {
  const { t } = useTranslation('picker')
  const context = contextOf(entry)
  const facts = [entry.source.name, stateWord(entry.state, t), ...(context === null ? [] : [contextLength(context)])]
  return (
    <span
      className={cn(
        'shrink-999 truncate text-13',
        !alone && 'max-sm:hidden',
        entry.state === 'down' ? 'text-bad' : 'text-muted',
      )}
    >
      {facts.join(' · ')}
    </span>
  )
}

function chosen(catalog: Catalog | null, value: string | null): Entry | null {
  if (catalog === null) return null
  return value === null ? catalog.fallback : (catalog.byId.get(value) ?? null)
}

/** What stands behind the provider's slug. */
function nameOf(id: string | null): string | null {
  return id === null ? null : id.slice(id.indexOf('/') + 1)
}
