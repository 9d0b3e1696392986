/**
 * Formulas in Markdown: `$…$`, `\(…\)`, `$$…$$` and `\[…\]`, as constructs for micromark's tokenizer.
 *
 * remark-math takes "$5 and $10" for a formula and does not know the backslash forms; hence our own. A single dollar
 * opens a formula only where a price is unlikely (`isFormula`). A formula never crosses an empty line, so an opening
 * mark without its partner stays text and swallows nothing.
 */

type Code = number | null
type State = (code: Code) => State | undefined

/** What micromark hands to a construct: the parts of it that are used here. */
interface Effects {
  enter(type: string): FormulaToken
  exit(type: string): FormulaToken
  consume(code: Code): void
}

interface Tokenizer {
  previous: Code
  now(): { line: number }
  parser: { lazy: Record<number, boolean> }
}

interface FormulaToken {
  tex?: string
  display?: boolean
}

interface Node {
  type: string
  value?: string
  data?: object
}

interface Compiler {
  enter(node: Node, token: FormulaToken): void
  exit(token: FormulaToken): void
}

interface PluginData {
  micromarkExtensions?: object[]
  fromMarkdownExtensions?: object[]
}

const DOLLAR = 36
const BACKSLASH = 92
const NAME = 'formula'
const TEXT = 'formulaText'
const LONGEST_INLINE = 1_000
const LONGEST_DISPLAY = 4_000

/** A remark plugin: formulas become `code` elements with the class `math-inline` or `math-display`. */
export function formulas(this: { data(): object }) {
  const data = this.data() as PluginData
  const text = { name: NAME, tokenize: tokenizer(false) }
  // Concrete: a line that starts with a dash is no list item while a formula is open.
  const flow = { name: NAME, tokenize: tokenizer(true), concrete: true }
  data.micromarkExtensions = [
    ...(data.micromarkExtensions ?? []),
    { text: { [DOLLAR]: text, [BACKSLASH]: text }, flow: { [DOLLAR]: flow, [BACKSLASH]: flow } },
  ]
  data.fromMarkdownExtensions = [
    ...(data.fromMarkdownExtensions ?? []),
    { enter: { [NAME]: enterFormula }, exit: { [NAME]: exitFormula } },
  ]
}

/** Whether what stands between two dollars is a formula rather than two prices or shell variables. */
export function isFormula(content: string, before: Code, after: Code): boolean {
  if (isWordCode(before) || isWordCode(after)) return false
  if (content === '' || /^\s|\s$/.test(content)) return false
  return !/^[\d.,]+[a-z]*\s+[a-z]{2,}/i.test(content)
}

function enterFormula(this: Compiler, token: FormulaToken) {
  const className = token.display ? 'math-display' : 'math-inline'
  const value = (token.tex ?? '').trim()
  const data = { hName: 'code', hProperties: { className: [className] }, hChildren: [{ type: 'text', value }] }
  this.enter({ type: NAME, value, data }, token)
}

function exitFormula(this: Compiler, token: FormulaToken) {
  this.exit(token)
}

interface Ends {
  /** The character that closes: a dollar, or the bracket after a backslash. */
  close: number
  /** How the formula opened, as it is written. */
  open: '$' | '$$' | '\\(' | '\\['
}

const BRACKETS: Record<number, Ends> = {
  40: { open: '\\(', close: 41 },
  91: { open: '\\[', close: 93 },
}

/** `block`: the formula stands on lines of its own and is a display. */
function tokenizer(block: boolean) {
  return function tokenize(this: Tokenizer, effects: Effects, ok: State, nok: State): State {
    // micromark binds `this` to its tokenizer and moves `previous` on while reading.
    const context = this
    const before = context.previous
    let ends: Ends = { open: '$', close: DOLLAR }
    let content = ''

    return start

    function start(code: Code): State | undefined {
      if (before === DOLLAR || before === BACKSLASH) return nok(code)
      effects.enter(NAME)
      effects.enter(TEXT)
      effects.consume(code)
      return code === DOLLAR ? afterDollar : afterBackslash
    }

    function afterDollar(code: Code): State | undefined {
      if (code === DOLLAR) {
        ends = { open: '$$', close: DOLLAR }
        effects.consume(code)
        return afterSecond
      }
      return block ? nok(code) : inside(code)
    }

    function afterSecond(code: Code): State | undefined {
      return code === DOLLAR ? nok(code) : inside(code)
    }

    function afterBackslash(code: Code): State | undefined {
      const brackets = code === null ? undefined : BRACKETS[code]
      if (!brackets || (block && brackets.open === '\\(')) return nok(code)
      ends = brackets
      effects.consume(code)
      return inside
    }

    function inside(code: Code): State | undefined {
      const longest = isDisplay() ? LONGEST_DISPLAY : LONGEST_INLINE
      if (code === null || content.length > longest) return nok(code)
      if (isLineEnding(code) && (content.endsWith('\n') || content.trimEnd().endsWith('\n'))) return nok(code)
      if (code === DOLLAR && ends.close === DOLLAR) return closing(code)
      if (isLineEnding(code)) return lineEnd(code)
      take(code)
      return code === BACKSLASH ? afterInnerBackslash : inside
    }

    // A token of its own: micromark joins the lines of a text by these.
    function lineEnd(code: number): State {
      effects.exit(TEXT)
      effects.enter('lineEnding')
      content += '\n'
      effects.consume(code)
      effects.exit('lineEnding')
      effects.enter(TEXT)
      return lineStart
    }

    function lineStart(code: Code): State | undefined {
      return block && context.parser.lazy[context.now().line] ? nok(code) : inside(code)
    }

    function afterInnerBackslash(code: Code): State | undefined {
      if (code === ends.close && code !== DOLLAR) {
        content = content.slice(0, -1)
        effects.consume(code)
        return closed
      }
      if (code === null || isLineEnding(code)) return inside(code)
      take(code)
      return inside
    }

    function closing(code: Code): State | undefined {
      effects.consume(code)
      return ends.open === '$$' ? closingSecond : closed
    }

    function closingSecond(code: Code): State | undefined {
      if (code !== DOLLAR) return nok(code)
      effects.consume(code)
      return closed
    }

    function closed(code: Code): State | undefined {
      if (block && isBlank(code)) {
        effects.consume(code)
        return closed
      }
      if (block && code !== null && !isLineEnding(code)) return nok(code)
      if (!isAcceptable(ends, content, before, code)) return nok(code)
      effects.exit(TEXT)
      const token = effects.exit(NAME)
      token.tex = content
      token.display = isDisplay()
      return ok(code)
    }

    function isDisplay() {
      return ends.open === '$$' || ends.open === '\\['
    }

    function take(code: number) {
      content += code < 0 ? ' ' : String.fromCharCode(code)
      effects.consume(code)
    }
  }
}

function isAcceptable(ends: Ends, content: string, before: Code, after: Code): boolean {
  if (content.trim() === '') return false
  if (ends.open === '$') return isFormula(content, before, after)
  // Models also write \[1\] for a bracket that shall not be a link.
  return ends.open !== '\\[' || /[\\^_=<>+\-*/{}]/.test(content)
}

/** Negative codes are micromark's line endings (-5…-3), tab and the spaces it stands for. */
const isLineEnding = (code: Code): code is number => code !== null && code < -2
const isBlank = (code: Code) => code === -2 || code === -1 || code === 32

function isWordCode(code: Code): boolean {
  return code !== null && code > 0 && /[\p{L}\p{N}]/u.test(String.fromCharCode(code))
}
