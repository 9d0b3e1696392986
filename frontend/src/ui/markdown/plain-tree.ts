/** A remark plugin that brings the parsed tree into the few shapes that answers are shown in. */

import { IN_PROSE, withSigns } from './signs'

interface Node {
  type: string
  value?: string
  depth?: number
  identifier?: string
  start?: number | null
  children?: Node[]
  data?: object
}

interface Options {
  /** Numbers of the footnotes by their label. */
  notes: ReadonlyMap<string, number>
  /** The first item's number, where a list goes on that was cut. */
  number: number | null
}

/** Deeper nesting than this is nobody's writing; browsers and React would run out of stack on it. */
export const DEEPEST = 40

export class TooDeep extends Error {}

/** Turns HTML into text and newlines into breaks, numbers footnotes, lowers headings by one. Raises `TooDeep`. */
export function plainTree({ notes, number }: Options) {
  return (tree: Node) => {
    const first = tree.children?.[0]
    if (number !== null && first?.type === 'list') first.start = number
    let level: Node[] = [tree]
    for (let depth = 0; level.length > 0; depth += 1) {
      if (depth > DEEPEST) throw new TooDeep(`Markdown nested deeper than ${DEEPEST}`)
      for (const node of level) if (node.children) node.children = node.children.flatMap((child) => plain(child, notes))
      level = level.flatMap((node) => node.children ?? [])
    }
  }
}

function plain(node: Node, notes: Options['notes']): Node[] {
  switch (node.type) {
    case 'html':
      return /^<br\s*\/?>$/i.test(node.value ?? '') ? [{ type: 'break' }] : lines(node.value ?? '')
    case 'text':
      return lines(node.value ?? '')
    case 'heading':
      return [{ ...node, depth: Math.min((node.depth ?? 1) + 1, 6) }]
    case 'footnoteReference':
      return [noteMark(node, notes)]
    case 'footnoteDefinition':
      return []
    default:
      return [node]
  }
}

function noteMark(node: Node, notes: Options['notes']): Node {
  const number = notes.get((node.identifier ?? '').toUpperCase())
  if (number === undefined) return { type: 'text', value: `[^${node.identifier ?? ''}]` }
  const text = { type: 'text', value: String(number) }
  return { type: 'noteMark', children: [], data: { hName: 'sup', hChildren: [text] } }
}

/** Models end lines where they mean it, in verses and addresses: a newline is a line break. */
function lines(value: string): Node[] {
  return value.split('\n').flatMap((line, index) => [...(index > 0 ? [{ type: 'break' }] : []), ...signed(line)])
}

function signed(text: string): Node[] {
  return withSigns(text, IN_PROSE)
    .filter((piece) => 'sign' in piece || piece.text !== '')
    .map((piece) => ('sign' in piece ? sign(piece.sign) : { type: 'text', value: piece.text }))
}

function sign(name: string): Node {
  return { type: 'sign', children: [], data: { hName: 'mark', hChildren: [{ type: 'text', value: name }] } }
}
