import { act, render } from '@testing-library/react'
import { describe, expect, test, vi } from 'vitest'
import { hostileTexts } from './hostile-texts'
import MarkdownBody from './markdown-body'

// KaTeX does nothing in a page that it takes for one without a doctype.
vi.hoisted(() => Object.defineProperty(document, 'compatMode', { value: 'CSS1Compat' }))

const TAGS = new Set(
  `div section figure figcaption span p h2 h3 h4 h5 h6 blockquote ul ol li table thead tbody tr th td strong em del sup
   mark code pre a br hr button svg path rect circle line polyline
   math semantics annotation mrow mi mo mn mtext mfrac msup msub msubsup msqrt mroot mstyle mspace mpadded mtable mtr mtd
   mover munder munderover menclose mphantom merror mglyph`
    .trim()
    .split(/\s+/),
)
const OURS =
  /^(?:md|md-[a-z-]+|language-|lucide|lucide-[a-z0-9-]+|size-[\d.]+|shrink-0|contains-task-list|task-list-item)$/
/** Of our own controls and KaTeX, which never take a class from a text. */
const OTHERS = 'button, button *, .katex-display, .katex, .katex *'
const ATTRIBUTES =
  /^(?:class|dir|href|title|target|rel|start|value|style|role|aria-[a-z]+|tabindex|type|id|colspan|data-(?:note|note-mark|state)|xmlns|width|height|viewBox|fill|stroke|stroke-(?:width|linecap|linejoin)|d|x|y|rx|ry|cx|cy|r|points|x1|x2|y1|y2)$/

function forbidden(element: Element): string[] {
  const inKatex = element.closest('.katex') !== null
  const found: string[] = []
  if (!TAGS.has(element.localName)) found.push(`<${element.localName}>`)
  for (const { name, value } of element.attributes) {
    if (name.startsWith('on') || (!inKatex && !ATTRIBUTES.test(name))) found.push(`${name}=${value}`)
    if (['src', 'srcset', 'xlink:href', 'action', 'formaction', 'name'].includes(name)) found.push(`${name}=${value}`)
    if (name === 'id' && !/^[_«:]?r?_?\w*[_»:]?$/.test(value)) found.push(`id=${value}`)
    if (name === 'href' && !/^(?:https?:\/\/|mailto:)/.test(value)) found.push(`href=${value}`)
    if (name === 'style' && /url|position:\s*fixed|expression|javascript/i.test(value)) found.push(`style=${value}`)
  }
  if (element.localName === 'a' && element.getAttribute('rel') !== 'noopener noreferrer nofollow') found.push('rel')
  if (!element.matches(OTHERS)) for (const name of element.classList) if (!OURS.test(name)) found.push(`class=${name}`)
  return found
}

describe('nothing hostile gets into the page', () => {
  test.each(Object.entries(hostileTexts))(
    '%s',
    async (_, text) => {
      const { container, rerender } = render(<Answer text="" streaming />)
      for (const part of [0.3, 0.7, 1])
        await act(async () => rerender(<Answer text={text.slice(0, text.length * part)} streaming />))
      await act(async () => rerender(<Answer text={text} />))
      await act(() => import('./katex-view'))

      expect([...container.querySelectorAll('*')].flatMap(forbidden)).toEqual([])
      expect(container.querySelector('a a, button button')).toBeNull()
    },
    20_000,
  )

  test('but what is harmless is shown: formulas, links, chips and code', async () => {
    const all = Object.values(hostileTexts).slice(0, 5).join('\n\n')
    const { container } = render(<Answer text={all} streaming />)
    await act(() => import('./katex-view'))

    expect(container.querySelectorAll('.katex').length).toBeGreaterThan(20)
    expect(container.querySelectorAll('a.md-link').length).toBeGreaterThan(10)
    expect(container.querySelectorAll('.md-chip').length).toBeGreaterThan(20)
    expect(container.textContent).toContain("<script>window.__hostile = 'script'; alert(1)</script>")
  }, 20_000)
})

function Answer({ text, streaming = false }: { text: string; streaming?: boolean }) {
  return <MarkdownBody text={text} streaming={streaming} />
}
