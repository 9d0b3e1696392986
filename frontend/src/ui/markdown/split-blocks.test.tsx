import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { dice, documentOf, isMistaken, jumbleOf } from './generated'
import MarkdownBody from './markdown-body'
import { rendered } from './render'
import { LONGEST, type Split, split } from './split-blocks'

const texts = (text: string) => split(text, true).blocks.map((block) => block.text)
const codes = (text: string) => split(text, true).blocks.flatMap((block) => (block.kind === 'code' ? [block] : []))

/** Boxes, ids and white space between blocks aside. */
function bare(html: string): string {
  return html
    .replace(/<div class="md(?:-group)?(?: md-far)?"[^>]*>/g, '')
    .replace(/<figcaption.*?md-code-name">(.*?)<.*?<\/figcaption>/gs, '($1)')
    .replace(/ aria-labelledby="[^"]*"| id="[^"]*"/g, '')
    .replace(/<\/tbody><tbody>/g, '')
    .replace(/\s+<\/span><\/code>/g, '</span></code>')
    .replace(/\s*<\/div>/g, '')
    .replace(/>\s+</g, '><')
    .replace(/^\s+|\s+$/g, '')
}

const html = (shown: ReactNode) => bare(renderToStaticMarkup(shown))
const inBlocks = (text: string) => html(<MarkdownBody text={text} streaming={false} />)
const atOnce = (text: string) => html(rendered(text, {}))

function beginnings(text: string, roll: () => number, count: number): string[] {
  const some = Array.from({ length: count }, () => text.slice(0, Math.floor(roll() * text.length)))
  return [text, ...some].filter((one) => !isMistaken(one))
}

const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed)

describe('rendering the blocks of a text gives what rendering it at once gives', () => {
  test.each(seeds(30))('document %i and its beginnings', (seed) => {
    const roll = dice(seed)
    for (const text of beginnings(documentOf(roll, 6), roll, 3))
      expect(inBlocks(text), JSON.stringify(text)).toBe(atOnce(text))
  })

  test.each(seeds(30))('jumbled lines %i and their beginnings', (seed) => {
    const roll = dice(10_000 + seed)
    for (const text of beginnings(jumbleOf(roll, 12), roll, 2))
      expect(inBlocks(text), JSON.stringify(text)).toBe(atOnce(text))
  })
})

describe('while a text grows', () => {
  test.each(seeds(15))(
    'blocks that are settled stay the same objects, and the end is as if split at once: %i',
    (seed) => {
      const roll = dice(20_000 + seed)
      const text = roll() < 0.5 ? documentOf(roll, 8) : jumbleOf(roll, 30)
      let before: Split | undefined
      for (let end = 0; end <= text.length; end += 1 + Math.floor(roll() * 6)) {
        const now = split(text.slice(0, end), false, before)
        expect(now.blocks.slice(0, before?.settled ?? 0)).toEqual(before?.blocks.slice(0, before.settled) ?? [])
        for (const [index, block] of (before?.blocks.slice(0, before.settled) ?? []).entries())
          expect(now.blocks[index]).toBe(block)
        expect(now.blocks).toEqual(split(text.slice(0, end), false).blocks)
        before = now
      }

      expect(split(text, true, before).blocks).toEqual(split(text, true).blocks)
    },
  )

  test('the blocks hold the whole text, in order', () => {
    for (const seed of seeds(20)) {
      const text = documentOf(dice(30_000 + seed), 10)

      const { blocks } = split(text, false)

      expect(
        blocks
          .map((block) => block.text)
          .join('')
          .replace(/\s/g, ''),
      ).toBe(text.replace(/\s/g, ''))
    }
  })

  test('a text that changed instead of growing is split anew', () => {
    const before = split('# One\n\ntwo\n\n', false)

    expect(split('# Other\n\ntext', true, before).blocks.map((block) => block.text)).toEqual(['# Other\n\n', 'text'])
  })
})

describe('a fence', () => {
  test('is closed only by one at least as long, of the same mark and without a language', () => {
    const [code] = codes('````js\n```\n~~~~\n```` x\n````\nafter')

    expect(code).toMatchObject({ language: 'js', code: '```\n~~~~\n```` x', closed: true })
  })

  test('in a list belongs to the item, at the margin it ends the list', () => {
    expect(texts('1. Run\n   ```sh\n   ls\n\n   pwd\n   ```\n2. Done\n')).toHaveLength(1)
    expect(texts('1. Run\n```sh\nls\n```\n2. Done\n')).toEqual(['1. Run\n', '```sh\nls\n```', '2. Done\n'])
  })

  test('inside a Markdown fence opens another one when it names a language', () => {
    const [outer, ...more] = codes('```markdown\n# Readme\n```sh\nls\n```\nend\n```\n')

    expect(outer).toMatchObject({ language: 'markdown', code: '# Readme\n```sh\nls\n```\nend', closed: true })
    expect(more).toEqual([])
  })

  test('is code from its first line on, and not closed by half a mark', () => {
    const block = (text: string) => split(text, false).blocks.at(-1)

    expect(block('text\n\n```py')).toMatchObject({ kind: 'code', code: '', closed: false })
    expect(block('```py\nprint(1)\n``')).toMatchObject({ code: 'print(1)\n', closed: false })
    expect(block('```py\nprint(1)\n```')).toMatchObject({ code: 'print(1)\n', closed: false })
    expect(block('```py\nprint(1)\n```\n')).toMatchObject({ code: 'print(1)', closed: true })
  })
})

describe('what is too long for one step', () => {
  const longest = (text: string) => Math.max(...texts(text).map((one) => one.length))

  test('a list is cut between items, and its numbers go on', () => {
    const list = Array.from({ length: 400 }, (_, index) => `${index + 3}. Item with a few words of text`).join('\n')

    const { blocks } = split(list, true)

    expect(longest(list)).toBeLessThan(LONGEST)
    const starts = blocks.map((block) => /^\d+/.exec(block.text)?.[0])
    expect(blocks.map((block) => (block.kind === 'text' ? (block.number ?? 3) : null))).toEqual(starts.map(Number))
  })

  test('a table is cut between rows, and every part knows the header', () => {
    const table = `| a | b |\n|---|---|\n${'| some | words |\n'.repeat(900)}`

    const { blocks } = split(table, true)

    expect(longest(table)).toBeLessThan(LONGEST)
    expect(blocks.slice(1).map((block) => block.kind === 'table' && block.head)).toEqual(
      blocks.slice(1).map(() => '| a | b |\n|---|---|\n'),
    )
  })

  test('a line without an end is cut at a space, the same way while it grows', () => {
    const line = 'word '.repeat(10_000)

    expect(longest(line)).toBeLessThan(2 * LONGEST + 1)
    expect(split(line, false).blocks).toEqual(split(line, true).blocks)
  })
})

test('a table ends at a line without a pipe', () => {
  expect(texts('| a |\n|---|\n| 1 |\nafter\n')).toEqual(['| a |\n|---|\n| 1 |\n', 'after\n'])
})
