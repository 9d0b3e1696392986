/**
 * The last block of an answer that is still being written, so that it can be shown without flashing raw marks.
 *
 * What is open is closed (emphasis, code), what cannot be shown yet is held back (half a link, an image, a formula, a
 * list's marker, an underline that would make a heading of the paragraph above), and a table stands as soon as its
 * header does. Only the view is changed: when the block is whole, it is rendered as written.
 */

import { calmInline } from './calm-inline'
import { fenceOf, isRow, withoutContainers } from './lines'

/** A mark that may yet become anything: `-`, `12.`, `##`, `>`, `**`, `- [x]`, one or two backticks. */
const BARE_MARK =
  /^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?:[-+*]|\d{1,9}[.)]?|#{1,6}|-{2}|[*_]{1,3}|`{1,2}|~{1,2}|\||\[[ xX]?\]?)?[ \t]*$/
const UNDERLINE = /^ {0,3}(?:-+|=+)[ \t]*$/
const DEFINITION = /^ {0,3}\[[^\]^][^\]]{0,300}\]:[ \t]*\S*$/
const DASHES_OF_TABLE = /^ {0,3}\|[|:\- \t]*$/

/** `text` is a block of kind text. The answer is Markdown again. */
export function calmTail(text: string): string {
  // A line that is whole is no longer a mark of something, but what it opened may still be open.
  const isWhole = text.endsWith('\n')
  const lines = (isWhole ? text.slice(0, -1) : text).split('\n')
  const end = isWhole ? '\n' : ''
  const fence = openFence(lines)
  if (fence >= 0) return isWhole ? text : withinFence(lines, fence)
  const last = lines.length - 1
  const line = lines[last] ?? ''
  if (line.trim() === '') return text
  if (!isWhole && isBare(line, lines[last - 1] ?? ''))
    return last === 0 ? '' : calmTail(`${lines.slice(0, last).join('\n')}\n`).slice(0, -1)
  if (isRow(line)) return calmTable(lines) + end
  const start = inlineStart(lines)
  return [...lines.slice(0, start), calmInline(lines.slice(start).join('\n'))].join('\n') + end
}

/** `text` is a block of kind table: its last row may be half written. */
export function calmRow(text: string): string {
  const at = text.lastIndexOf('\n') + 1
  const row = text.slice(at)
  if (/^[ \t]*\|?[ \t]*$/.test(row)) return text.slice(0, at)
  return text.slice(0, at) + calmLastCell(row)
}

function isBare(line: string, above: string): boolean {
  if (UNDERLINE.test(line) && above.trim() !== '') return true
  return BARE_MARK.test(line) || DEFINITION.test(line)
}

function calmTable(lines: string[]): string {
  const last = lines.length - 1
  const line = lines[last] ?? ''
  const above = lines[last - 1] ?? ''
  if (isRow(above) && !isRow(lines[last - 2] ?? '') && DASHES_OF_TABLE.test(line))
    return [...lines.slice(0, last), delimiters(above)].join('\n')
  if (isRow(above)) return [...lines.slice(0, last), calmLastCell(line)].join('\n')
  const header = calmLastCell(line)
  return [...lines.slice(0, last), header, delimiters(header)].join('\n')
}

function delimiters(header: string): string {
  const cells = header.trim().replace(/^\|/, '').replace(/\|$/, '').replace(/\\\|/g, '').split('|')
  return `|${' - |'.repeat(cells.length)}`
}

function calmLastCell(row: string): string {
  const at = row.lastIndexOf('|') + 1
  return row.slice(0, at) + calmInline(row.slice(at))
}

/** The line of the fence that is still open inside a list or a quote, or -1. */
function openFence(lines: string[]): number {
  let open = -1
  let mark = ''
  for (const [index, line] of lines.entries()) {
    const fence = fenceOf(withoutContainers(line))
    if (!fence) continue
    if (open < 0) {
      open = index
      mark = fence.mark.repeat(fence.length)
    } else if (fence.info === '' && fence.mark.repeat(fence.length).startsWith(mark)) {
      open = -1
    }
  }
  return open
}

function withinFence(lines: string[], fence: number): string {
  const last = lines.length - 1
  const line = lines[last] ?? ''
  // The language is shown when its word is whole.
  if (fence === last) return [...lines.slice(0, last), line.replace(/([`~]{3,}).*$/, '$1')].join('\n')
  return /^[ \t>]*[`~]+$/.test(line) ? lines.slice(0, last).join('\n') : lines.join('\n')
}

/** The first line of the paragraph, item or heading that the text ends in. */
function inlineStart(lines: string[]): number {
  let start = lines.length - 1
  while (start > 0 && !/^[ \t]*(?:[-+*>]|#{1,6}|\d{1,9}[.)])[ \t]/.test(lines[start] ?? '')) {
    if ((lines[start - 1] ?? '').trim() === '') break
    start -= 1
  }
  return start
}
