/** Inline Markdown that is still being written, with what is open closed or held back. */

interface Opener {
  mark: string
  length: number
}

/** A stretch that was read: where it ends, or how the rest is shown instead. */
type Step = { to: number } | { rest: string }

/** How long a link's text or a formula may be held back before it is shown as it is. */
const LONGEST_HELD = 300
const PLACEHOLDER = '$$\\cdots$$'

/** `text` is the end of an answer; what comes back ends with the same words, without raw marks. */
export function calmInline(text: string): string {
  const openers: Opener[] = []
  let at = 0
  while (at < text.length) {
    const step = stepAt(text, at, openers)
    if ('rest' in step) return closed(text.slice(0, at), step.rest, openers)
    at = step.to
  }
  return closed(text, '', openers)
}

function stepAt(text: string, at: number, openers: Opener[]): Step {
  switch (text[at]) {
    case '\\':
      return escaped(text, at)
    case '`':
      return code(text, at)
    case '$':
      return dollars(text, at)
    case '!':
      return text[at + 1] === '[' ? image(text, at) : { to: at + 1 }
    case '[':
      return link(text, at)
    case '<':
      return /^<[a-z/!][^<>\n]{0,300}$/i.test(text.slice(at, at + 310)) ? { rest: '' } : { to: at + 1 }
    case '&':
      return /^&#?[a-z0-9]{0,8}$/i.test(text.slice(at, at + 12)) ? { rest: '' } : { to: at + 1 }
    case '*':
    case '_':
    case '~':
      return emphasis(text, at, openers)
    default:
      return { to: at + 1 }
  }
}

/** Closing marks must touch the text they close. */
function closed(text: string, rest: string, openers: Opener[]): string {
  const marks = openers
    .map((opener) => opener.mark.repeat(opener.length))
    .reverse()
    .join('')
  const shown = text + rest
  if (marks === '') return shown
  const end = shown.trimEnd()
  return end + marks + shown.slice(end.length)
}

function escaped(text: string, at: number): Step {
  const next = text[at + 1]
  if (next === undefined) return { rest: '' }
  if (next !== '(' && next !== '[') return { to: at + 2 }
  const close = text.indexOf(next === '(' ? '\\)' : '\\]', at + 2)
  if (close >= 0) return { to: close + 2 }
  return held(text, at, next === '[' && isLineStart(text, at) ? PLACEHOLDER : '')
}

function code(text: string, at: number): Step {
  const length = runLength(text, at)
  for (let from = at + length; from < text.length; ) {
    const next = text.indexOf('`', from)
    if (next < 0) break
    const run = runLength(text, next)
    if (run === length) return { to: next + run }
    from = next + run
  }
  const content = text.slice(at + length).replace(/`+$/, '')
  const marks = '`'.repeat(length)
  return { rest: content.trim() === '' ? '' : `${marks}${content}${marks}` }
}

function dollars(text: string, at: number): Step {
  const double = text[at + 1] === '$'
  const mark = double ? '$$' : '$'
  const from = at + mark.length
  const close = text.indexOf(mark, from)
  if (double) {
    if (close >= 0) return { to: close + 2 }
    return held(text, at, isLineStart(text, at) ? PLACEHOLDER : '', 10 * LONGEST_HELD)
  }
  // Behind a second dollar a digit may follow yet: then both are prices.
  const isOpen = close === text.length - 1 && /\d/.test(text[from] ?? '')
  if (close > from && !isOpen && !/\s/.test(text[close - 1] ?? '')) return { to: close + 1 }
  if (from === text.length) return { rest: '' }
  // A price is shown at once, and so is a dollar inside a word.
  if (/[\d\s]/.test(text[from] ?? '') || /[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return { to: from }
  return close >= 0 ? { to: from } : held(text, at, '')
}

function image(text: string, at: number): Step {
  const end = linkEnd(text, at + 1)
  return end.kind === 'whole' ? { to: end.to } : held(text, at, '')
}

function link(text: string, at: number): Step {
  const end = linkEnd(text, at)
  if (end.kind === 'whole') return { to: end.to }
  if (end.kind === 'label') return held(text, at, '')
  return { rest: `${text.slice(at, end.to)}()` }
}

/** What a bracket starts: something whole, a label without its end, or a label whose target is being written. */
function linkEnd(text: string, at: number): { kind: 'whole' | 'label' | 'target'; to: number } {
  const close = balanced(text, at, '[', ']')
  if (close < 0 || close === text.length) return { kind: 'label', to: text.length }
  if (text[close] === '(') {
    const end = balanced(text, close, '(', ')')
    return end < 0 ? { kind: 'target', to: close } : { kind: 'whole', to: end }
  }
  if (text[close] === '[') {
    const end = balanced(text, close, '[', ']')
    return end < 0 ? { kind: 'target', to: close } : { kind: 'whole', to: end }
  }
  return { kind: 'whole', to: at + 1 }
}

/** Just behind the bracket that closes the one at `at`, or -1. */
function balanced(text: string, at: number, open: string, close: string): number {
  let depth = 0
  for (let index = at; index < text.length && index < at + 2_000; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === open) depth += 1
    else if (text[index] === close) {
      depth -= 1
      if (depth === 0) return index + 1
    }
  }
  return -1
}

function emphasis(text: string, at: number, openers: Opener[]): Step {
  const mark = text[at] ?? ''
  const length = runLength(text, at)
  const to = at + length
  const before = text[at - 1] ?? ' '
  const after = text[to]
  if (after === undefined) return { rest: '' }
  if (mark === '~' && length !== 2) return { to }
  const inWord = mark === '_' && isWord(before) && isWord(after)
  if (inWord) return { to }
  const left = length - (/\s/.test(before) ? 0 : close(openers, mark, length))
  if (left > 0 && opens(before, after)) open(openers, mark, left)
  return { to }
}

/** How many of the marks closed something. */
function close(openers: Opener[], mark: string, length: number): number {
  let left = length
  while (left > 0) {
    const index = openers.findLastIndex((opener) => opener.mark === mark && opener.length <= left)
    if (index < 0) break
    left -= openers[index]?.length ?? 0
    openers.splice(index)
  }
  return length - left
}

function open(openers: Opener[], mark: string, length: number) {
  if (length >= 2) openers.push({ mark, length: 2 })
  if (length % 2 === 1) openers.push({ mark, length: 1 })
}

function opens(before: string, after: string): boolean {
  if (/\s/.test(after)) return false
  return !/[\p{P}\p{S}]/u.test(after) || /[\s\p{P}\p{S}]/u.test(before)
}

function held(text: string, at: number, shown: string, longest = LONGEST_HELD): Step {
  return text.length - at > longest ? { to: at + 1 } : { rest: shown }
}

function runLength(text: string, at: number): number {
  let end = at
  while (text[end] === text[at] && end < text.length) end += 1
  return end - at
}

const isWord = (character: string) => /[\p{L}\p{N}]/u.test(character)

const isLineStart = (text: string, at: number) => text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === ''
