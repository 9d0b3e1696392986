import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { rendered } from './render'

/** The formulas in a text; displays in brackets. */
function formulasIn(text: string): string[] {
  const html = renderToStaticMarkup(rendered(text, {}))
  return [...html.matchAll(/<span class="md-formula( md-display)?">.*?<code class="md-tex">(.*?)<\/code>/gs)].map(
    ([, display, tex = '']) => (display ? `[${tex}]` : tex).replaceAll('&gt;', '>'),
  )
}

test.each([
  ['$x^2$ and \\(y\\)', ['x^2', 'y']],
  ['$$x$$', ['[x]']],
  ['a \\[x = 1\\] b', ['[x = 1]']],
  ['$$\na = b\n- c\n> d\n$$', ['[a = b\n- c\n> d]']],
  ['\\[\nx\n= y\n\\]', ['[x\n= y]']],
  ['> $$\n> q\n> $$', ['[q]']],
  ['1. first\n\n   \\[\n   x + y\n   \\]', ['[x + y]']],
  ['| a |\n|---|\n| $x$ |', ['x']],
  ['$\\text{cost: \\$5}$', ['\\text{cost: \\$5}']],
  ['$n$-th and ($m$)', ['n', 'm']],
])('%j has the formulas %j', (text, formulas) => {
  expect(formulasIn(text)).toEqual(formulas)
})

test.each([
  '$5 and $10',
  'between $5-$10, or $5/$10',
  'costs $5 (or $10/month)',
  '$5 million, then 10$',
  'US$5 and A$7',
  'echo $HOME/$USER',
  '`$x$` and \\$x\\$',
  '$ x $',
  'see \\[1\\] and \\(\\)',
  '$$ unclosed\n\nx $$',
  '$x\n\ny$',
  '$$$x$$$',
])('%j has none', (text) => {
  expect(formulasIn(text)).toEqual([])
})
