import { memo } from 'react'
import type { Components } from 'react-markdown'
import { calmRow } from './calm-tail'
import { appendix, noteNumbers, type References } from './references'
import { rendered } from './render'
import type { Table } from './split-blocks'
import { TableBox } from './table-box'

interface TableViewProps {
  /** The first holds the header; the others are more rows of the same table. */
  parts: readonly Table[]
  references: References
  streaming: boolean
  growing: boolean
}

/** A table that is parsed some rows at a time. */
export function TableView({ parts, references, streaming, growing }: TableViewProps) {
  return (
    <TableBox>
      {parts.map((part, index) => (
        <Rows
          key={part.start}
          text={part.text}
          head={part.head}
          appendix={appendix(part, references, streaming)}
          notes={noteNumbers(part, references)}
          growing={growing && index === parts.length - 1}
        />
      ))}
    </TableBox>
  )
}

interface RowsProps {
  text: string
  head: string
  appendix: string
  notes: string
  growing: boolean
}

const first: Components = { table: ({ children }) => children }
const further: Components = { ...first, thead: () => null }

const Rows = memo(function Rows({ text, head, appendix, notes, growing }: RowsProps) {
  const shown = growing ? calmRow(text) : text
  return rendered(head + shown, { appendix, notes, components: head === '' ? first : further })
})
