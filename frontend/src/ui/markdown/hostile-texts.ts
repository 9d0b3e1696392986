/** The hostile corpus: what a model may be brought to write. Files hold what is readable, code what is long. */

const files = import.meta.glob<string>('./hostile/*.md', { query: '?raw', import: 'default', eager: true })

const deep = 4_000

/** Made to take long or to run out of stack, in parsers and in browsers. */
const long: Record<string, string> = {
  'quotes in quotes': `${'>'.repeat(deep)} x`,
  'items in items': `${'- '.repeat(deep)}x`,
  'numbers in numbers': `${'1. '.repeat(deep)}x`,
  'mixed containers': `${'> - 1. '.repeat(deep / 3)}x`,
  'indented lists': Array.from({ length: 200 }, (_, depth) => `${'  '.repeat(depth)}- x`).join('\n'),
  'emphasis in emphasis': `${'**a _b '.repeat(deep / 4)}${'c_ d** '.repeat(deep / 4)}`,
  'emphasis without end': '*a_'.repeat(deep),
  brackets: `${'['.repeat(deep)}x${']'.repeat(deep)}`,
  'links in links': `${'[a]('.repeat(deep)}`,
  'images in images': `${'![a'.repeat(deep)}${'](x)'.repeat(deep)}`,
  'ticks of every length': Array.from({ length: 140 }, (_, index) => '`'.repeat(index + 1)).join(' x '),
  'a line without an end': 'word'.repeat(60_000),
  'a line without an end, with marks': '*a [b](c) `d` '.repeat(2_000),
  'a table of one row': `|${' a |'.repeat(1_000)}\n|${'-|'.repeat(1_000)}\n|${' b |'.repeat(1_000)}`,
  'mail addresses': 'a@'.repeat(10_000),
  'almost addresses': `http://${'a.'.repeat(10_000)}`,
  entities: '&amp'.repeat(10_000),
  tags: '<a '.repeat(10_000),
  comments: '<!--'.repeat(3_000),
  dollars: '$a'.repeat(10_000),
  'formulas in braces': `$${'{'.repeat(450)}x${'}'.repeat(450)}$`,
  'formulas that expand': `$\\def\\a#1{#1#1}${'\\a{'.repeat(60)}x${'}'.repeat(60)}$`,
  'definitions of everything': Array.from(
    { length: 3_000 },
    (_, index) => `[x${index}]: https://hostile.test/${index}`,
  ).join('\n'),
  'footnotes of everything': Array.from(
    { length: 150 },
    (_, index) => `x[^${index}]\n\n[^${index}]: x[^${index + 1}]\n`,
  ).join('\n'),
  'spaces before a mark': `${' '.repeat(20_000)}x\n`.repeat(3),
  'dashes and pipes': `${'|-'.repeat(1_000)}\n${'|-'.repeat(1_000)}`,
  'a slow grammar': `\`\`\`js\n${'/a'.repeat(20_000)}\n\`\`\`\n`,
}

/** By name. */
export const hostileTexts: Record<string, string> = {
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [path.replace(/^.*\/(.+)\.md$/, '$1'), text])),
  ...long,
}
