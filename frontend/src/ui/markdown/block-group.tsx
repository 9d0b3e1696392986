import { BlockView } from './block-view'
import { CodeBlock } from './code-block'
import { appendix, noteNumbers, type References } from './references'
import type { Block, Table } from './split-blocks'
import { TableView } from './table-view'

interface BlockGroupProps {
  blocks: readonly Block[]
  references: References
  /** More may come. */
  streaming: boolean
  /** The index of the first block that may still change. */
  growingFrom: number
  /** Others follow: the browser need not lay it out while it is far away. */
  settled: boolean
}

/** A few screens of blocks; each is rendered again only when its own text changes. */
export function BlockGroup({ blocks, references, streaming, growingFrom, settled }: BlockGroupProps) {
  const style = settled ? { containIntrinsicBlockSize: `auto ${heightOf(blocks)}px` } : undefined
  return (
    <div className={settled ? 'md-group md-far' : 'md-group'} style={style}>
      {blocks.map((block, index) => {
        if (block.kind === 'code') {
          const { start, language, code, closed } = block
          return <CodeBlock key={start} language={language} code={code} whole={closed || !streaming} />
        }
        if (block.kind === 'table') {
          if (block.head !== '') return null
          const parts = tableParts(blocks, index)
          const growing = streaming && index + parts.length > growingFrom
          return <TableView key={block.start} {...{ parts, references, streaming, growing }} />
        }
        return (
          <BlockView
            key={block.start}
            text={block.text}
            appendix={appendix(block, references, streaming)}
            notes={noteNumbers(block, references)}
            number={block.number}
            growing={streaming && index >= growingFrom}
          />
        )
      })}
    </div>
  )
}

function tableParts(blocks: readonly Block[], first: number): Table[] {
  const parts: Table[] = []
  for (const block of blocks.slice(first)) {
    if (block.kind !== 'table' || (parts.length > 0 && block.head === '')) break
    parts.push(block)
  }
  return parts
}

const heights = new WeakMap<Block, number>()

/** A guess, for what was never laid out. */
function heightOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + blockHeight(block), 0)
}

/** Lines of code count singly, prose wraps. */
function blockHeight(block: Block): number {
  const known = heights.get(block)
  if (known !== undefined) return known
  const lines = block.text.split('\n')
  const height =
    block.kind === 'code'
      ? lines.length * 20 + 60
      : lines.reduce((sum, line) => sum + Math.ceil(line.length / 80) * 28, 0)
  heights.set(block, height)
  return height
}
