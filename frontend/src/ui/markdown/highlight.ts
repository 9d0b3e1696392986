/** Code to colours, by highlight.js. Runs in a worker: a grammar may take long on code made to be slow. */

import hljs from 'highlight.js/lib/core'
import type { Token } from './code-colours'
import { common, rare } from './grammars'

for (const [name, grammar] of Object.entries(common)) hljs.registerLanguage(name, grammar)

/** The colours of `code`, in order and without gaps; null for a language without a grammar. */
export async function highlight(code: string, language: string): Promise<Token[] | null> {
  if (!hljs.getLanguage(language)) {
    const grammar = await rare[language]?.()
    if (!grammar) return null
    hljs.registerLanguage(language, grammar.default)
  }
  return tokensOf(hljs.highlight(code, { language, ignoreIllegals: true }).value)
}

const ENTITIES: Record<string, number> = { '&amp;': 1, '&lt;': 1, '&gt;': 1, '&quot;': 1, '&#x27;': 1 }

/** highlight.js's markup (spans with a class, five entities) as lengths of text with the innermost class. */
function tokensOf(html: string): Token[] {
  const tokens: Token[] = []
  const scopes: string[] = []
  for (const [part = ''] of html.matchAll(/<span class="[^"]*">|<\/span>|&(?:amp|lt|gt|quot|#x27);|[^<&]+/g)) {
    if (part === '</span>') scopes.pop()
    else if (part.startsWith('<span')) scopes.push(part.slice('<span class="'.length, -2))
    else append(tokens, scopes.at(-1) ?? '', ENTITIES[part] ?? part.length)
  }
  return tokens
}

function append(tokens: Token[], scope: string, length: number) {
  const last = tokens.at(-1)
  if (last?.scope === scope) last.length += length
  else tokens.push({ scope, length })
}
