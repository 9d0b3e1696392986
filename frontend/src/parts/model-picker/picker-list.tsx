import { type MouseEvent, useDeferredValue } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { cn } from '../../lib/cn'
import { CableDot } from '../../ui/cable-dot'
import { PickerRow } from './picker-row'
import { stateLine } from './picker-words'
import type { Row, Section } from './rows'

const FIRST_ROWS = 60

interface PickerListProps {
  id: string
  sections: readonly Section[]
  rows: readonly Row[]
  active: Row | undefined
  chosenId: string | null
  pinned: readonly string[]
  now: number
  onActive: (row: Row) => void
  onChoose: (row: Row) => void
  onPin: (row: Row) => void
}

/** The models in their sections. The first screenful is there at once, thousands more a moment later. */
export function PickerList({ id, sections, rows, active, chosenId, pinned, now, ...heard }: PickerListProps) {
  const { t } = useTranslation('picker')
  const shown = useDeferredValue(Number.POSITIVE_INFINITY, FIRST_ROWS)
  const rowAt = (event: MouseEvent) => {
    const found = (event.target as Element).closest<HTMLElement>('[data-row]')
    return rows.find((row) => row.id === found?.dataset.row)
  }
  const press = (event: MouseEvent) => {
    const row = rowAt(event)
    if (row === undefined) return
    if ((event.target as Element).closest('[data-pin]') === null) heard.onChoose(row)
    else heard.onPin(row)
  }
  const point = (event: MouseEvent) => {
    const row = rowAt(event)
    if (row !== undefined && row !== active) heard.onActive(row)
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and hears the keys
    <div
      id={id}
      role="listbox"
      aria-label={t('models')}
      onClick={press}
      onMouseMove={point}
      className={cn('min-h-0 overflow-y-auto overscroll-contain border-line border-t pb-1', rows.length > 0 && 'grow')}
    >
      {sections.map((section) => {
        const own = rows.filter((row) => row.section === section && row.index < shown)
        if (own.length === 0 && section.entries.length > 0) return null
        return (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
          <div key={section.key} role="group" aria-labelledby={`${id}-${section.key}`}>
            <Heading id={`${id}-${section.key}`} section={section} now={now} />
            {own.map((row) => (
              <PickerRow
                key={row.id}
                id={row.id}
                entry={row.entry}
                showsProvider={section.kind !== 'provider'}
                isActive={row === active}
                isChosen={row.entry.id === chosenId}
                isPinned={pinned.includes(row.entry.id)}
              />
            ))}
          </div>
        )
      })}
    </div>
  )
}

function Heading({ id, section, now }: { id: string; section: Section; now: number }) {
  const { t, i18n } = useTranslation('picker')
  const { source } = section
  const words = { pinned: t('pinned'), recent: t('recent'), aliases: t('aliases'), provider: source?.name ?? '' }
  const isWell = source === null || source.state === 'ok' || source.state === 'asking'
  return (
    <div
      id={id}
      role="presentation"
      className="sticky top-0 z-10 flex min-w-0 items-baseline gap-2 bg-surface-1 px-3 pt-2.5 pb-1 text-12"
    >
      {source !== null && <CableDot cable={source.cable} className="size-2 self-center" />}
      <span className="shrink-0 font-semibold">{words[section.kind]}</span>{' '}
      {source !== null && (
        <span className={cn('truncate', isWell ? 'text-muted' : 'text-bad')} title={source.problem ?? undefined}>
          {stateLine(source, section.entries.length, now, t, i18n.language)}
        </span>
      )}
    </div>
  )
}
