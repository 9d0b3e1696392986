/** What single lines of Markdown are, as CommonMark and GFM say. */

/** The opening of a fenced code block, or a line that could close one when `info` is empty. */
export interface Fence {
  mark: string
  length: number
  indent: number
  info: string
}

export interface Marker {
  /** `-`, `+`, `*`, `.` or `)`: items of one list share it. */
  kind: string
  number: number | null
  /** The column where the item's content starts. */
  offset: number
  empty: boolean
}

const FENCE = /^( {0,3})(`{3,}|~{3,})[ \t]*(.*)$/
const MARKER = /^[ \t]*([-+*]|(\d{1,9})[.)])([ \t]+|$)(.*)$/
const HEADING = /^#{1,6}(?:[ \t]|$)/
const RULE = /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/
const DASHES = /^(?:-[ \t]*){3,}$/
const NOTE = /^\[\^[^\]\s]+\]:/
const DELIMITERS = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/

export function fenceOf(line: string): Fence | null {
  const match = FENCE.exec(line)
  if (!match) return null
  const [, space = '', marks = '', info = ''] = match
  const mark = marks.charAt(0)
  if (mark === '`' && info.includes('`')) return null
  return { mark, length: marks.length, indent: space.length, info: info.trim() }
}

export function markerOf(line: string): Marker | null {
  const match = MARKER.exec(line)
  if (!match) return null
  const [, mark = '', digits, space = '', rest = ''] = match
  const end = indentOf(line) + mark.length
  const gap = columns(space, end) - end
  return {
    kind: mark.charAt(mark.length - 1),
    number: digits === undefined ? null : Number(digits),
    offset: end + (rest === '' || gap > 4 ? 1 : gap),
    empty: rest === '',
  }
}

/** The width of the white space in front. */
export function indentOf(line: string): number {
  return columns(/^[ \t]*/.exec(line)?.[0] ?? '', 0)
}

/** Lines of code without the indentation of the fence around them. */
export function withoutIndent(code: string, indent: number): string {
  if (indent === 0) return code
  return code.replace(/^[ \t]+/gm, (space) => withoutColumns(space, indent))
}

/** A tab that is only partly taken away leaves spaces. */
function withoutColumns(space: string, width: number): string {
  let column = 0
  for (let at = 0; at < space.length; at += 1) {
    if (column >= width) return space.slice(at)
    column += space[at] === '\t' ? 4 - (column % 4) : 1
    if (column > width) return ' '.repeat(column - width) + space.slice(at + 1)
  }
  return ''
}

export const isHeading = (line: string) => HEADING.test(line)

/** A rule that cannot be the underline of a heading. */
export const isRule = (line: string) => RULE.test(line)

export const isDashes = (line: string) => DASHES.test(line)

/** Makes a heading of the paragraph above. */
export const isUnderline = (line: string) => /^ {0,3}(?:=+|-+)[ \t]*$/.test(line)

/** The start of a footnote's definition. */
export const isNote = (line: string) => NOTE.test(line)

/** `line` below `header` makes both the start of a table. Only tables whose rows start with a pipe are looked for. */
export function startsTable(header: string, line: string): boolean {
  return isRow(header) && DELIMITERS.test(line) && cellCount(header) === cellCount(line)
}

export const isRow = (line: string) => /^ {0,3}\|/.test(line)

/** What a line says inside its quotes and items. */
export const withoutContainers = (line: string) => line.replace(/^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*/, '')

/** What must come to end the formula that the line starts; null when it starts none or ends it itself. */
export function formulaEnd(line: string): string | null {
  const content = withoutContainers(line)
  const end = /^\$\$(?!\$)/.test(content) ? '$$' : content.startsWith('\\[') ? '\\]' : null
  return end !== null && !content.includes(end, 2) ? end : null
}

function cellCount(row: string): number {
  const cells = row.trim().replace(/^\|/, '').replace(/\|$/, '')
  return cells.replace(/\\\|/g, '').split('|').length
}

function columns(space: string, from: number): number {
  let column = from
  for (const character of space) column += character === '\t' ? 4 - (column % 4) : 1
  return column
}
