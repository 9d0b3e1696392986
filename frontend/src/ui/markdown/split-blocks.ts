/**
 * A growing Markdown text as blocks that can be parsed one by one.
 *
 * Blocks are cut only where CommonMark certainly starts something new at the outermost level: rendering them in turn
 * gives what rendering the whole gives. A doubtful line stays with the block before it. Only whole lines decide, so a
 * block that is not the last never changes when text is appended. Wanted differences from CommonMark:
 * - inside a ```markdown fence, an inner fence with a language opens a nested one: models write that all the time;
 * - a table whose header starts with a pipe ends at a line without one: models forget the blank line;
 * - blocks over LONG characters are cut (lists between items, tables between rows, anything else over LONGEST), so
 *   that one step of parsing stays short.
 */

import {
  type Fence,
  fenceOf,
  formulaEnd,
  indentOf,
  isDashes,
  isHeading,
  isNote,
  isRow,
  isRule,
  isUnderline,
  markerOf,
  startsTable,
  withoutContainers,
  withoutIndent,
} from './lines'

export interface Plain {
  kind: 'text'
  /** Where the block starts in the whole text: its identity. */
  start: number
  text: string
  /** The number of its first item, when it goes on with an ordered list that was cut. */
  number: number | null
}

/** A table, or more rows of the one in the block before. */
export interface Table {
  kind: 'table'
  start: number
  text: string
  /** The two lines that must stand before `text` to parse it; empty in a table's first block. */
  head: string
}

/** A fenced code block of the outermost level. */
export interface Fenced {
  kind: 'code'
  start: number
  text: string
  /** The info string's first word, as written. */
  language: string
  code: string
  /** Its closing fence was seen. */
  closed: boolean
}

export type Block = Plain | Table | Fenced

export interface Split {
  text: string
  /** In order. While the text grows, the first `settled` of them stay the same objects. */
  blocks: readonly Block[]
  settled: number
  /** What the whole lines so far left open; the next call goes on from here. */
  scan: Scan
}

interface OpenText {
  kind: 'text'
  start: number
  /** Where its last line starts. */
  last: number
  /** Its last line is empty. */
  blank: boolean
  /** Nothing can follow in the same block: a heading or a rule. */
  ended: boolean
  quote: boolean
  /** Its last line is text that the next one may go on with. */
  paragraph: boolean
  /** What ends the formula that the last lines are part of. */
  formula: string | null
  list: OpenList | null
  number: number | null
}

interface OpenList {
  kind: string
  offset: number
  empty: boolean
  next: number | null
  /** The marks of a fence that is open in an item. */
  fence: string
  /** Its last line belongs to a fence, which no line at the margin goes on with. */
  solid: boolean
}

interface OpenTable {
  kind: 'table'
  start: number
  head: string
  /** The header and the row of dashes, for the blocks that go on. */
  lines: string
  blank: boolean
}

interface OpenCode {
  kind: 'code'
  start: number
  fence: Fence
  codeStart: number
  /** Lengths of the fences opened inside a ```markdown block. */
  nested: readonly number[]
}

type Open = OpenText | OpenTable | OpenCode

interface Scan {
  at: number
  open: Open | null
}

interface Line {
  text: string
  start: number
  end: number
}

/** How many characters a block may have before it is cut wherever a line ends. */
export const LONGEST = 6_000
/** Between items or rows it is cut earlier. */
const LONG = 4_000

/** The blocks of `text`; cheap when it continues the text of `before`. Once `finished`, the last line is whole. */
export function split(text: string, finished: boolean, before?: Split): Split {
  const grown = before && text.startsWith(before.text)
  const cutter = new Cutter(text, grown ? before.scan : { at: 0, open: null })
  cutter.done = grown ? before.blocks.slice(0, before.settled) : []
  cutter.takeWholeLines()
  const settled = cutter.done.length
  const scan = { at: cutter.at, open: cutter.open }
  cutter.takeRest(finished)
  return { text, blocks: cutter.done, settled, scan }
}

/** Open blocks are values: a step replaces them, so that a `Scan` can be kept. */
class Cutter {
  done: Block[] = []
  at: number
  open: Open | null

  constructor(
    private readonly source: string,
    scan: Scan,
  ) {
    this.at = scan.at
    this.open = scan.open
  }

  takeWholeLines() {
    for (let end = this.source.indexOf('\n', this.at); end >= 0; end = this.source.indexOf('\n', this.at)) {
      this.take(this.line(end))
      this.at = end + 1
    }
  }

  takeRest(finished: boolean) {
    const line = this.line(this.source.length)
    const growing = !finished && line.text !== ''
    // A fence that is still being written is neither code nor the end of it.
    const marks = growing && this.open?.kind === 'code' && /^ {0,3}[`~]+$/.test(line.text)
    if (line.text !== '' && !(growing && this.open?.kind === 'code')) this.take(line)
    if (this.open?.kind === 'code') this.pushCode(this.open, marks ? this.at : this.source.length, finished)
    else this.finish(this.source.length)
    this.open = null
  }

  private line(end: number): Line {
    const stop = this.source[end - 1] === '\r' && end > this.at ? end - 1 : end
    return { text: this.source.slice(this.at, stop), start: this.at, end }
  }

  private take(line: Line) {
    if (this.open?.kind === 'code') this.takeCode(this.open, line)
    else if (this.open?.kind === 'table' && isRow(line.text) && !this.open.blank) this.takeRow(this.open, line)
    else if (line.text.trim() === '') this.takeBlank()
    else this.takeText(line)
  }

  private takeCode(open: OpenCode, line: Line) {
    const fence = fenceOf(line.text)
    if (!fence || fence.mark !== open.fence.mark) return
    if (fence.info === '') this.takeClosing(open, fence, line)
    else if (fence.length >= open.fence.length && /^(?:md|markdown|mdx)\b/i.test(open.fence.info))
      this.open = { ...open, nested: [...open.nested, fence.length] }
  }

  private takeClosing(open: OpenCode, fence: Fence, line: Line) {
    if (fence.length < (open.nested.at(-1) ?? open.fence.length)) return
    if (open.nested.length > 0) {
      this.open = { ...open, nested: open.nested.slice(0, -1) }
    } else {
      const block = fenced(this.source, open, line.end, line.start)
      this.done.push({ ...block, code: withoutLastEnd(block.code), closed: true })
      this.open = null
    }
  }

  private takeRow(open: OpenTable, line: Line) {
    if (line.start - open.start < LONG) return
    this.finish(line.start)
    this.open = { ...open, start: line.start, head: open.lines }
  }

  private takeBlank() {
    if (this.open?.kind === 'table') this.open = { ...this.open, blank: true }
    if (this.open?.kind !== 'text') return
    // An item that starts with an empty line has no other.
    const list = this.open.list?.empty ? { ...this.open.list, offset: Number.POSITIVE_INFINITY } : this.open.list
    this.open = { ...this.open, blank: true, formula: null, list }
  }

  private takeText(line: Line) {
    const open = this.open?.kind === 'text' ? this.open : null
    const fence = fenceOf(line.text)
    if (fence && indentOf(line.text) < (open?.list?.offset ?? 4)) {
      this.finish(line.start)
      const codeStart = Math.min(line.end + 1, this.source.length)
      this.open = { kind: 'code', start: line.start, fence, codeStart, nested: [] }
    } else if (open && this.isTable(open, line)) {
      this.startTable(open, line)
    } else {
      this.open = withLine(this.textFor(open, line), line)
      this.cutLongLine(line.end)
    }
  }

  private isTable(open: OpenText, line: Line): boolean {
    if (open.blank || open.ended || open.quote || open.list || open.last < open.start) return false
    return startsTable(this.source.slice(open.last, line.start).trimEnd(), line.text)
  }

  private startTable(open: OpenText, line: Line) {
    if (open.last > open.start) this.finish(open.last)
    const lines = `${this.source.slice(open.last, line.start)}${line.text}\n`
    this.open = { kind: 'table', start: open.last, head: '', lines, blank: false }
  }

  /** The block that the line belongs to: the open one or a new one. */
  private textFor(open: OpenText | null, line: Line): OpenText {
    if (open?.formula) return open
    const alone = isAlone(line.text, open)
    if (open && !alone && !startsAnew(line.text, open)) return this.cutLongBlock(open, line)
    this.finish(line.start)
    const quote = line.text.startsWith('>')
    const fresh = {
      kind: 'text',
      last: 0,
      blank: false,
      paragraph: false,
      formula: null,
      list: null,
      number: null,
    } as const
    return { ...fresh, start: line.start, ended: alone, quote }
  }

  private cutLongBlock(open: OpenText, line: Line): OpenText {
    const length = line.start - open.start
    if (length < LONG || indentOf(line.text) > 0) return open
    const item = open.list !== null && markerOf(line.text) !== null
    if (length < LONGEST && !item) return open
    this.finish(line.start)
    return {
      ...open,
      start: line.start,
      list: item ? open.list : null,
      number: item ? (open.list?.next ?? null) : null,
    }
  }

  /** A line without an end is cut at a space. */
  private cutLongLine(end: number) {
    while (this.open?.kind === 'text' && end - this.open.start > 2 * LONGEST) {
      const limit = this.open.start + LONGEST
      const space = this.source.lastIndexOf(' ', limit)
      const cut = space > this.open.start ? space + 1 : limit
      this.push(this.open, cut)
      this.open = { ...this.open, start: cut, list: null, number: null }
    }
  }

  private finish(end: number) {
    if (this.open && this.open.kind !== 'code') this.push(this.open, end)
    this.open = null
  }

  private push(open: OpenText | OpenTable, end: number) {
    const { start } = open
    const text = this.source.slice(start, end)
    if (open.kind === 'table') this.done.push({ kind: 'table', start, text, head: open.head })
    else this.done.push({ kind: 'text', start, text, number: open.number })
  }

  /** A fence that nothing closed. */
  private pushCode(open: OpenCode, codeEnd: number, finished: boolean) {
    const block = fenced(this.source, open, this.source.length, codeEnd)
    this.done.push(finished ? { ...block, code: withoutLastEnd(block.code) } : block)
  }
}

/** A heading or a rule at the margin: whatever was open, it ends there. Dashes below text underline it instead. */
function isAlone(line: string, open: OpenText | null): boolean {
  return isHeading(line) || isRule(line) || (isDashes(line) && (!open || open.ended || open.blank))
}

function startsAnew(line: string, open: OpenText): boolean {
  if (open.ended || isNote(line)) return true
  if (line.startsWith('>')) return open.blank || !open.quote
  if (!open.blank || indentOf(line) > 0) return false
  const marker = markerOf(line)
  return !(open.list && marker && marker.kind === open.list.kind)
}

function withLine(open: OpenText, line: Line): OpenText {
  const formula = open.formula ? (line.text.includes(open.formula) ? null : open.formula) : formulaEnd(line.text)
  const list = open.ended ? null : listAt(line.text, open)
  const paragraph = !open.ended && !(open.paragraph && !open.list && isUnderline(line.text))
  return { ...open, last: line.start, blank: false, paragraph, formula, list }
}

/** The outermost list that is open below the line. */
function listAt(line: string, { list, quote, blank, paragraph }: OpenText): OpenList | null {
  const indent = indentOf(line)
  if (list && indent >= list.offset) return { ...list, empty: false, ...fenceInside(list.fence, line) }
  if (line.startsWith('>')) return null
  // Dashes at the margin underline the paragraph above; what stands in an item they end.
  if (paragraph && !blank && isDashes(line)) return null
  const marker = indent > 3 ? null : markerOf(line)
  // At the outermost level only items with words, and only ones numbered 1, may follow a paragraph at once.
  const bound = paragraph && !blank && !list && !quote
  if (marker && !(bound && (marker.empty || (marker.number ?? 1) !== 1))) {
    const number = marker.kind === list?.kind ? list.next : marker.number
    return { ...marker, next: number === null ? null : number + 1, ...fenceInside('', line) }
  }
  return list && !blank && !list.empty && !list.solid ? list : null
}

function fenceInside(open: string, line: string): Pick<OpenList, 'fence' | 'solid'> {
  const fence = fenceOf(withoutContainers(line))
  if (open === '') return { fence: fence ? fence.mark.repeat(fence.length) : '', solid: fence !== null }
  const closes = fence?.info === '' && fence.mark.repeat(fence.length).startsWith(open)
  return { fence: closes ? '' : open, solid: true }
}

function fenced(source: string, open: OpenCode, end: number, codeEnd: number): Fenced {
  const { indent, info } = open.fence
  return {
    kind: 'code',
    start: open.start,
    text: source.slice(open.start, end),
    language: info.split(/\s/, 1)[0] ?? '',
    code: withoutIndent(source.slice(open.codeStart, Math.max(open.codeStart, codeEnd)), indent),
    closed: false,
  }
}

const withoutLastEnd = (code: string) => code.replace(/\r?\n$/, '')
