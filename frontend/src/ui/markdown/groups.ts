import type { Block } from './split-blocks'

/** Neighbouring blocks that the browser lays out, or leaves out while they are far away, together. */
export interface Group {
  start: number
  /** Where its first block stands among all. */
  index: number
  blocks: readonly Block[]
}

/** In characters: a few screens of text. */
const SIZE = 6_000

/** Cuts between blocks. */
export function groupsOf(blocks: readonly Block[]): readonly Group[] {
  const groups: Group[] = []
  let from = 0
  for (let index = 1; index <= blocks.length; index += 1) {
    const first = blocks[from]
    const next = blocks[index]
    if (!first || (next && (next.start - first.start < SIZE || continuesTable(next)))) continue
    groups.push({ start: first.start, index: from, blocks: blocks.slice(from, index) })
    from = index
  }
  return groups
}

function continuesTable(block: Block): boolean {
  return block.kind === 'table' && block.head !== ''
}
