import type { ReactElement } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import rehypeSanitize from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import { cleanSchema } from './clean-schema'
import { elements } from './elements'
import { formulas } from './math-syntax'
import { plainTree, TooDeep } from './plain-tree'

/** HTML never starts a block: an unclosed tag swallows nothing. What tags are left are shown as text. */
function withoutHtmlBlocks(this: { data(): object }) {
  const data = this.data() as { micromarkExtensions?: object[] }
  data.micromarkExtensions = [...(data.micromarkExtensions ?? []), { disable: { null: ['htmlFlow'] } }]
}

const TOO_MANY_CONTAINERS =
  /^(?:[ \t]{0,3}(?:>|(?:[-+*]|\d{1,9}[.)])[ \t]))(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])[ \t])){30}/m

/** Pairing marks takes the square of their number: nobody writes this many in one block. */
const TOO_MANY_MARKS = 2_000

function isUnreadable(text: string): boolean {
  if (TOO_MANY_CONTAINERS.test(text)) return true
  let marks = 0
  for (const character of text) if ('*_[]`~'.includes(character)) marks += 1
  return marks > TOO_MANY_MARKS
}

interface Wishes {
  /** Lines to parse below the text: see `appendix`. */
  appendix?: string
  /** "label:number" of each footnote used. */
  notes?: string
  number?: number | null
  components?: Components
}

/** Parsed and cleaned Markdown. What is past reason is shown as it was written. */
export function rendered(text: string, { appendix = '', notes = '', number = null, components }: Wishes): ReactElement {
  if (isUnreadable(text)) return <p className="md-source">{text}</p>
  try {
    return ReactMarkdown({
      children: appendix === '' ? text : `${text}\n\n${appendix}`,
      remarkPlugins: [
        [remarkGfm, { singleTilde: false }],
        // The plugins type their trees by what they use of them.
        formulas as never,
        withoutHtmlBlocks as never,
        [plainTree as never, { notes: numbersOf(notes), number }],
      ],
      rehypePlugins: [[rehypeSanitize, cleanSchema]],
      components: components ? { ...elements, ...components } : elements,
      // The schema and the link's own check decide; two opinions would differ.
      urlTransform: (url) => url,
    })
  } catch (error) {
    if (error instanceof TooDeep || error instanceof RangeError) return <p className="md-source">{text}</p>
    throw error
  }
}

function numbersOf(notes: string): ReadonlyMap<string, number> {
  const pairs = notes === '' ? [] : notes.split(' ')
  return new Map(
    pairs.map((pair) => {
      const at = pair.lastIndexOf(':')
      return [pair.slice(0, at), Number(pair.slice(at + 1))]
    }),
  )
}
