/** Documents to test with: made of what models write, and of lines put together at random. */

/** Numbers from 0 to 1 that are the same for the same seed. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const BLOCKS = [
  'A plain paragraph with *some* emphasis, **strong words** and `code`.',
  'Two lines\nof one paragraph.',
  '# A heading',
  '### Deeper *heading* ###',
  'Underlined\n---',
  'Underlined\n===',
  '---',
  '***',
  '- one\n- two\n- three',
  '- one\n\n- two\n\n  more of two\n- three',
  '* star\n* star\n  * inner\n    * innermost',
  '1. first\n2. second\n   - inner\n   - inner\n3. third',
  '7) seven\n8) eight',
  '- [ ] open\n- [x] done',
  '1. Run this:\n   ```sh\n   ls -la\n\n   # not a heading\n   ```\n2. Then that.',
  '- item\n```js\nleft(the, list)\n```\n- another list',
  '-\n\n  not in the empty item',
  '10. ten\n\n    code or text\n\n    more',
  '> quoted\n> more\nlazy',
  '> - quoted list\n> - more\n\n> another quote',
  '> ```\n> fenced in a quote\n> ```',
  '```python\ndef f():\n    return 1\n\n\n# comment\n```',
  '~~~\ntilde\n```\nstill tilde\n~~~',
  '````text\n```js\ninner\n```\n````',
  '```\nunclosed',
  '  ```\n  indented fence\n    keeps two\n  ```',
  '    indented code\n\n    goes on',
  '| a | b |\n|---|:-:|\n| 1 | **2** |\n| 3 | `4` |',
  'Text before\n| a | b |\n|---|---|\n| 1 | 2 |',
  'a | b\n--|--\n1 | 2',
  '| not | a table |\n| because | no dashes |',
  '<div class="x">\n<b>html</b>\n\ntext\n</div>',
  '<!-- comment -->\ntext after',
  'line<br>break and <kbd>Ctrl</kbd>',
  '$$\na = b\n- c\n$$',
  '$$\nx\n> y\n# z\n$$',
  '\\[\nx^2 + y^2 = z^2\n\\]',
  'Inline $x^2$ and \\(y\\), but $5 and $10.',
  '[ref]: https://example.com/ref "Title"',
  'See [the text][ref] and [ref] and [missing].',
  '[inline](https://example.com) and <https://example.org> and https://example.net.',
  '![image](https://example.com/x.png)',
  'Hard  \nbreak and back\\\nslash',
  '\\*escaped\\* and &amp; entity',
  'ends with two spaces  ',
  '+ plus\n+ plus\n\n- dash\n- dash',
  '* * *',
  '- - -',
  '1986\\. A great year',
  '14. cannot interrupt',
]

const LINES = [
  '- a',
  '  - b',
  '* c',
  '1. d',
  '2. e',
  '   f',
  '    g',
  '> h',
  '>',
  '```',
  '  ```',
  '   ```x',
  '~~~',
  '# i',
  '---',
  '***',
  '===',
  '| j | k |',
  'l',
  'm *n',
  '**o',
  '`p',
  '[q]',
  '\t- s',
  '\tt',
  '-',
  '1.',
  '',
  '',
  '',
]

/** A document of `size` parts. */
export function documentOf(roll: () => number, size: number): string {
  const pick = <T>(from: readonly T[]) => from[Math.floor(roll() * from.length)] as T
  let text = ''
  for (let count = 0; count < size; count += 1) {
    const part = roll() < 0.8 ? pick(BLOCKS) : Array.from({ length: 4 }, () => pick(LINES)).join('\n')
    text += part + (roll() < 0.8 || part.endsWith('|') ? '\n\n' : '\n')
  }
  return text
}

/** micromark takes an empty item, and one not numbered 1, for text after indented code; CommonMark does not. */
export function isMistaken(text: string): boolean {
  return /^(?: {4}|\t).*\n+(?:(?!1[.)])\d+[.)]|(?:[-+*]|1[.)])[ \t]*$)/m.test(text)
}

/** Lines put together without sense. */
export function jumbleOf(roll: () => number, size: number): string {
  return Array.from({ length: size }, () => `${LINES[Math.floor(roll() * LINES.length)]}\n`).join('')
}
