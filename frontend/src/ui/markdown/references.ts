/** What blocks owe each other: link definitions and footnotes may stand anywhere in a text. */

import { isNote } from './lines'
import type { Block } from './split-blocks'

const STARTS_ITEM = /^[ \t>]*(?:[-+*]|\d{1,9}[.)])[ \t]/
const DEFINITION =
  /^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*\[([^[\]^][^[\]]{0,300})\]:[ \t]*(<[^<>\n]*>|[^\s<]\S*)[ \t]*("[^"\n]*"|'[^'\n]*'|\([^()\n]*\))?[ \t]*$/
const LABEL = /\[([^[\]^][^[\]]{0,300})\]/g
const FULL_REFERENCE = /(?<![\p{L}\p{N}\]])\[[^[\]]{1,300}\]\[([^[\]^][^[\]]{0,300})\]/gu
const NOTE_LABEL = /\[\^([^[\]\s]{1,100})\]/g

/** Everything that one block says or asks for. */
interface Facts {
  definitions: ReadonlyMap<string, string>
  labels: readonly string[]
  fullReferences: readonly string[]
  notesUsed: readonly string[]
  note: { label: string; text: string } | null
}

export interface References {
  definitions: ReadonlyMap<string, string>
  /** Footnotes in the order of their first use, each with its text; empty text: not written yet. */
  notes: readonly Note[]
  byLabel: ReadonlyMap<string, Note>
}

export interface Note {
  label: string
  number: number
  text: string
  /** Where its text stands; null: not written yet. */
  block: Block | null
}

const NOTHING: Facts = { definitions: new Map(), labels: [], fullReferences: [], notesUsed: [], note: null }
const known = new WeakMap<Block, Facts>()

/** What the blocks refer to. While `streaming`, a footnote may be used before its text has come. */
export function referencesOf(blocks: readonly Block[], streaming: boolean): References {
  const definitions = new Map<string, string>()
  const texts = new Map<string, { text: string; block: Block }>()
  const used: string[] = []
  for (const block of blocks) {
    const facts = factsOf(block)
    for (const [label, line] of facts.definitions) if (!definitions.has(label)) definitions.set(label, line)
    if (facts.note && !texts.has(facts.note.label)) texts.set(facts.note.label, { text: facts.note.text, block })
    if (!facts.note) used.push(...facts.notesUsed)
  }
  const notes: Note[] = []
  for (const label of new Set(withInner(used, texts))) {
    const written = texts.get(label)
    const number = notes.length + 1
    if (written || streaming) notes.push({ label, number, text: written?.text ?? '', block: written?.block ?? null })
  }
  return { definitions, notes, byLabel: new Map(notes.map((note) => [note.label, note])) }
}

/** Lines to parse below a block, so that its references find what other blocks define. */
export function appendix(block: Block, references: References, streaming: boolean): string {
  const facts = factsOf(block)
  const lines: string[] = []
  for (const label of new Set(facts.labels)) {
    const line = references.definitions.get(label)
    if (line !== undefined && !facts.definitions.has(label)) lines.push(line)
  }
  // Its definition usually comes last of all: until then it is a link without a target.
  if (streaming)
    for (const label of facts.fullReferences) if (!references.definitions.has(label)) lines.push(`[${label}]: <>`)
  const notes = notesOf(facts, references)
  return [...lines, ...notes.map((note) => `[^${note.label}]: .`)].join('\n\n')
}

/** The numbers of the footnotes that `block` uses: "a:1 b:2", to compare and to pass on. */
export function noteNumbers(block: Block, references: References): string {
  return notesOf(factsOf(block), references)
    .map((note) => `${note.label}:${note.number}`)
    .join(' ')
}

function notesOf(facts: Facts, references: References): Note[] {
  return [...new Set(facts.notesUsed)].flatMap((label) => references.byLabel.get(label) ?? [])
}

export function normalized(label: string): string {
  return label.replace(/\s+/g, ' ').trim().toLowerCase().toUpperCase()
}

function withInner(used: readonly string[], texts: ReadonlyMap<string, { text: string }>): string[] {
  const all = [...used]
  const seen = new Set<string>()
  for (const label of all) {
    if (seen.has(label)) continue
    seen.add(label)
    all.push(...matches(texts.get(label)?.text ?? '', NOTE_LABEL).map(normalized))
  }
  return all
}

function factsOf(block: Block): Facts {
  if (block.kind === 'code') return NOTHING
  const before = known.get(block)
  if (before) return before
  const facts = readFacts(block.text)
  known.set(block, facts)
  return facts
}

function readFacts(text: string): Facts {
  if (!text.includes(']')) return NOTHING
  const note = noteOf(text)
  const bare = withoutCode(text)
  return {
    definitions: definitionsIn(text),
    labels: matches(bare, LABEL).map(normalized),
    fullReferences: matches(bare, FULL_REFERENCE).map(normalized),
    notesUsed: bare.includes('[^') ? matches(note ? '' : bare, NOTE_LABEL).map(normalized) : [],
    note,
  }
}

function definitionsIn(text: string): Map<string, string> {
  const found = new Map<string, string>()
  if (!text.includes(']:')) return found
  // A definition cannot stand inside a paragraph.
  let free = true
  for (const line of text.split('\n')) {
    const match: RegExpExecArray | null = free || STARTS_ITEM.test(line) ? DEFINITION.exec(line) : null
    free = match !== null || /^[ \t>]*$/.test(line)
    if (!match) continue
    const [, label = '', target = '', title = ''] = match
    const key = normalized(label)
    if (!found.has(key)) found.set(key, `[${label}]: ${target}${title && ` ${title}`}`)
  }
  return found
}

/** A footnote's text without its label and indentation; a paragraph that follows at the margin is not part of it. */
function noteOf(text: string): Facts['note'] {
  if (!isNote(text)) return null
  const [, label = '', first = ''] = /^\[\^([^\]\s]+)\]:[ \t]*(.*)/.exec(text) ?? []
  const kept = [first]
  let blank = false
  for (const line of text.split('\n').slice(1)) {
    if (blank && line.trim() !== '' && !/^(?: {4}|\t)/.test(line)) break
    blank = line.trim() === ''
    kept.push(line.replace(/^(?: {1,4}|\t)/, ''))
  }
  return { label: normalized(label), text: kept.join('\n').trim() }
}

/** Code spans blanked out: brackets in them refer to nothing. */
function withoutCode(text: string): string {
  if (!text.includes('`')) return text
  let out = ''
  let at = 0
  for (const match of text.matchAll(/`+/g)) {
    if (match.index < at) continue
    const end = closingRun(text, match.index + match[0].length, match[0].length)
    if (end < 0) continue
    out += text.slice(at, match.index)
    at = end
  }
  return out + text.slice(at)
}

function closingRun(text: string, from: number, length: number): number {
  const runs = /`+/g
  runs.lastIndex = from
  for (let match = runs.exec(text); match; match = runs.exec(text)) {
    if (match[0].length === length) return match.index + length
  }
  return -1
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}
