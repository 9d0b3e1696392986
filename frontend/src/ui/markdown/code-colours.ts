/** The few colours that code is shown in, and lines of code cut by them. */

/** A stretch of code with highlight.js's classes, like "hljs-title function_". */
export interface Token {
  scope: string
  length: number
}

/** A stretch of code of one colour; empty: the text's own. */
export interface Run {
  colour: string
  text: string
}

const COLOURS: readonly (readonly [RegExp, string])[] = [
  [/hljs-(?:comment|quote|meta-string)/, 'comment'],
  [/hljs-(?:addition)/, 'added'],
  [/hljs-(?:deletion)/, 'removed'],
  [/hljs-(?:string|char|regexp|link)/, 'string'],
  [/hljs-(?:number|literal|symbol|bullet)/, 'number'],
  [/hljs-(?:title|section)/, 'title'],
  [/hljs-(?:keyword|selector-tag|doctag|operator|name|tag)/, 'keyword'],
  [/hljs-(?:type|built_in|class|template-tag|selector)/, 'type'],
  [/hljs-(?:attr|attribute|variable|property|params|template-variable|meta|code)/, 'name'],
]
/** In highlight.js these wrap what is ordinary text. */
const PLAIN = /^hljs-(?:subst|params|tag|punctuation|property)$/

export function colourOf(scope: string): string {
  if (scope === '' || PLAIN.test(scope)) return ''
  return COLOURS.find(([pattern]) => pattern.test(scope))?.[1] ?? ''
}

/** `code` in parts of `lines` lines each: small enough to be drawn one at a time. All but the last end in a newline. */
export function partsOf(code: string, lines: number): string[] {
  const parts: string[] = []
  let from = 0
  let count = 0
  for (let end = code.indexOf('\n'); end >= 0; end = code.indexOf('\n', end + 1)) {
    count += 1
    if (count < lines) continue
    parts.push(code.slice(from, end + 1))
    from = end + 1
    count = 0
  }
  if (from < code.length || parts.length === 0) parts.push(code.slice(from))
  return parts
}

/** The tokens of the whole code as runs for each of its parts. */
export function runsOf(parts: readonly string[], tokens: readonly Token[]): Run[][] {
  let index = 0
  let used = 0
  return parts.map((part) => {
    const runs: Run[] = []
    for (let at = 0; at < part.length; ) {
      const token = tokens[index]
      const left = token ? token.length - used : part.length - at
      const length = Math.min(left, part.length - at)
      add(runs, token ? colourOf(token.scope) : '', part.slice(at, at + length))
      at += length
      used += length
      if (length === left) {
        index += 1
        used = 0
      }
    }
    return runs
  })
}

function add(runs: Run[], colour: string, text: string) {
  const last = runs.at(-1)
  if (last?.colour === colour) last.text += text
  else runs.push({ colour, text })
}
