import { ArrowDown, ArrowUp } from 'lucide-react'
import type { HTMLAttributes, ReactNode } from 'react'
import { cn } from '../lib/cn'

export interface Column<Row> {
  id: string
  header: ReactNode
  cell: (row: Row) => ReactNode
  /** Figures stand at the right, their digits above each other. */
  numeric?: boolean
  /** Comparing makes the column sortable. */
  sortable?: boolean
  className?: string
}

export interface Sorting {
  column: string
  direction: 'ascending' | 'descending'
}

interface TableProps<Row> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  sorting?: Sorting
  onSort?: (sorting: Sorting) => void
  onRow?: (row: Row) => void
}

/**
 * Scrolls sideways in its own box, which takes focus so that keys can scroll it. On a phone each row is a card: the first
 * column is its title, a column whose head is no text stands in its corner.
 */
export function Table<Row>({ label, columns, rows, rowKey, sorting, onSort, onRow }: TableProps<Row>) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with keys
      tabIndex={0}
      className="relative overflow-x-auto rounded-card border border-line bg-surface-1"
    >
      <table className="w-full border-collapse text-14">
        <thead className="max-sm:hidden">
          <tr className="border-line border-b text-left text-13 text-muted">
            {columns.map((column) => (
              <Head key={column.id} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              {...(onRow && opening(() => onRow(row)))}
              className={cn(
                'border-line border-b last:border-0 max-sm:relative max-sm:grid max-sm:gap-1.5 max-sm:p-4',
                onRow && '-outline-offset-2 cursor-pointer hover:bg-surface-2',
              )}
            >
              {columns.map((column, index) => (
                <td
                  key={column.id}
                  data-label={index > 0 && typeof column.header === 'string' ? column.header : undefined}
                  className={cn(
                    'px-4 py-2.5 align-middle max-sm:p-0',
                    column.numeric && 'text-right tabular-nums',
                    placeOnCard(column, index),
                    column.className,
                  )}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function placeOnCard<Row>({ header }: Column<Row>, index: number): string {
  if (index === 0) return 'max-sm:pr-28'
  if (typeof header !== 'string') return 'max-sm:absolute max-sm:top-2 max-sm:right-2'
  return 'max-sm:flex max-sm:items-baseline max-sm:justify-between max-sm:gap-4 max-sm:text-right max-sm:before:shrink-0 max-sm:before:text-13 max-sm:before:text-muted max-sm:before:content-[attr(data-label)] max-sm:empty:hidden'
}

/** A row that opens something does so with a press of Enter too; what is inside keeps its own keys. */
function opening(open: () => void): HTMLAttributes<HTMLTableRowElement> {
  return {
    tabIndex: 0,
    onClick: open,
    onKeyDown: (event) => {
      if (event.key === 'Enter' && event.target === event.currentTarget) open()
    },
  }
}

interface HeadProps<Row> {
  column: Column<Row>
  sorting: Sorting | undefined
  onSort: ((sorting: Sorting) => void) | undefined
}

function Head<Row>({ column, sorting, onSort }: HeadProps<Row>) {
  const look = cn('whitespace-nowrap px-4 py-2 font-medium', column.numeric && 'text-right', column.className)
  if (!column.sortable || !onSort) {
    return (
      <th scope="col" className={look}>
        {column.header}
      </th>
    )
  }
  const direction = sorting?.column === column.id ? sorting.direction : undefined
  const next = direction === 'descending' ? 'ascending' : 'descending'
  const Arrow = direction === 'ascending' ? ArrowUp : ArrowDown
  return (
    <th scope="col" aria-sort={direction ?? 'none'} className={look}>
      <button
        type="button"
        onClick={() => onSort({ column: column.id, direction: next })}
        className={cn(
          'group inline-flex min-h-7 items-center gap-1 hover:text-text',
          column.numeric && 'flex-row-reverse',
          direction && 'text-text',
        )}
      >
        {column.header}
        <Arrow
          aria-hidden="true"
          className={cn('size-3.5', !direction && 'opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60')}
        />
      </button>
    </th>
  )
}
