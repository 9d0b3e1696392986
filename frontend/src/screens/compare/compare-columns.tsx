import { type ColumnsProps, CompareColumn } from './compare-column'
import { CompareTable } from './compare-table'

/** Side by side, the table of figures below; where they don't fit they scroll sideways. */
export function CompareColumns({ columns, empty, ...shared }: ColumnsProps) {
  const last = shared.turns.at(-1)
  return (
    <>
      <div className="relative flex min-h-0 grow overflow-x-auto">
        {columns.map((column, index) => (
          <section
            // biome-ignore lint/suspicious/noArrayIndexKey: columns stay in their places, and two may have the same model
            key={index}
            aria-label={column.model}
            className="flex min-w-68 flex-1 flex-col border-line not-first:border-l"
          >
            <CompareColumn {...shared} column={column} index={index} />
          </section>
        ))}
        {last === undefined && (
          <div className="pointer-events-none absolute inset-x-0 top-1/4 mx-auto w-fit bg-surface-0">{empty}</div>
        )}
      </div>
      {last !== undefined && (
        <div className="flex shrink-0 justify-center border-line border-t px-4 pt-1 pb-2">
          <CompareTable columns={columns} answers={last.answers} live={shared.live} />
        </div>
      )}
    </>
  )
}
