import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useState } from 'react'
import { useTranslation } from '../../i18n/use-translation'
import { useRemembered } from '../../lib/storage'
import { Button } from '../../ui/button'
import { SearchField } from '../../ui/search-field'
import { type Catalog, seeingOf } from './catalog'
import { NoModels } from './no-models'
import { PickerDetails } from './picker-details'
import { PickerList } from './picker-list'
import { rememberedModels, withChosen, withPinToggled } from './remembered'
import { indexAfter, type Row, rowsOf } from './rows'
import { matchesOf, sectionsOf } from './sections'
import { useNow } from './use-now'

const NOW_EVERY_MS = 10_000

interface PickerPanelProps {
  catalog: Catalog
  chosenId: string | null
  needsVision: boolean
  onChoose: (id: string) => void
}

/** Search, list and details: a combobox whose listbox is always open. */
export function PickerPanel({ catalog, chosenId, needsVision, onChoose }: PickerPanelProps) {
  const { t } = useTranslation('picker')
  const id = useId()
  const now = useNow(NOW_EVERY_MS)
  const [memory, keep] = useRemembered(rememberedModels)
  // Pins and choices made while it is open don't move rows from under the pointer.
  const [atOpening] = useState(memory)
  const [query, setQuery] = useState('')
  const [showsAll, setShowsAll] = useState(!needsVision)
  const searched = useDeferredValue(query.trim())
  const fitting = useMemo(() => (showsAll ? catalog : seeingOf(catalog)), [catalog, showsAll])
  const sections = useMemo(
    () => (searched === '' ? sectionsOf(fitting, atOpening) : matchesOf(fitting, atOpening, searched)),
    [fitting, atOpening, searched],
  )
  const rows = useMemo(() => rowsOf(sections, id), [sections, id])
  const [activeId, setActiveId] = useState<string | null>(null)
  const active = rows.find((row) => row.id === activeId) ?? firstActive(rows, searched === '' ? chosenId : null)

  const choose = (row: Row) => {
    keep(withChosen(memory, row.entry.id))
    onChoose(row.entry.id)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && active !== undefined) {
      event.preventDefault()
      choose(active)
    } else if (event.altKey && event.code === 'KeyP' && active !== undefined) {
      event.preventDefault()
      keep(withPinToggled(memory, active.entry.id))
    } else if (query === '' || event.ctrlKey || !['Home', 'End'].includes(event.key)) {
      const next = rows[indexAfter(event.key, active?.index ?? -1, rows.length) ?? -1]
      if (next === undefined) return
      event.preventDefault()
      setActiveId(next.id)
      document.getElementById(next.id)?.scrollIntoView({ block: 'nearest' })
    }
  }
  useScrollToChosen(active?.id)

  return (
    <div className="flex min-h-0 grow flex-col">
      <div className="p-2">
        <SearchField
          label={t('search')}
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={active?.id}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setActiveId(null)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <PickerList
        id={id}
        sections={sections}
        rows={rows}
        active={active}
        chosenId={chosenId}
        pinned={memory.pinned}
        now={now}
        onActive={(row) => setActiveId(row.id)}
        onChoose={choose}
        onPin={(row) => keep(withPinToggled(memory, row.entry.id))}
      />
      {rows.length === 0 && <NoModels catalog={fitting} query={searched} needsVision={!showsAll} />}
      {!showsAll && (
        <p className="flex items-center justify-between gap-2 border-line border-t px-3 py-1.5 text-13 text-muted">
          {t('onlySeeing')}
          <Button size="small" look="ghost" onClick={() => setShowsAll(true)}>
            {t('showAll')}
          </Button>
        </p>
      )}
      {active !== undefined && (
        <PickerDetails
          entry={active.entry}
          isPinned={memory.pinned.includes(active.entry.id)}
          onPin={() => keep(withPinToggled(memory, active.entry.id))}
        />
      )}
    </div>
  )
}

function firstActive(rows: readonly Row[], chosenId: string | null): Row | undefined {
  return rows.find((row) => row.entry.id === chosenId) ?? rows[0]
}

/** Once, when the list is there. */
function useScrollToChosen(rowId: string | undefined): void {
  const [first] = useState(rowId)
  useEffect(() => {
    if (first !== undefined) document.getElementById(first)?.scrollIntoView({ block: 'nearest' })
  }, [first])
}
