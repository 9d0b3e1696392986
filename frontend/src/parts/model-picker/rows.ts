// The picker's options in one row after the other, as the arrow keys walk through them. Pure.
import type { Entry } from './catalog'
import type { Section } from './sections'

export type { Section } from './sections'

export interface Row {
  /** The element's id: a model can be in two sections. */
  id: string
  index: number
  entry: Entry
  section: Section
}

export function rowsOf(sections: readonly Section[], prefix: string): Row[] {
  return sections
    .flatMap((section) => section.entries.map((entry) => ({ entry, section })))
    .map((row, index) => ({ ...row, index, id: `${prefix}-${row.section.key}-${row.entry.id}`.replaceAll(' ', '_') }))
}

/** Where a key leads from the row at `index`; null for keys that do something else. */
export function indexAfter(key: string, index: number, count: number): number | null {
  if (count === 0) return null
  const last = count - 1
  switch (key) {
    case 'ArrowDown':
      return index >= last ? 0 : index + 1
    case 'ArrowUp':
      return index <= 0 ? last : index - 1
    case 'PageDown':
      return Math.min(last, index + 8)
    case 'PageUp':
      return Math.max(0, index - 8)
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}
