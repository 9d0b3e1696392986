import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test } from 'vitest'
import MarkdownBody from './markdown-body'

function Answer({ text, streaming = false }: { text: string; streaming?: boolean }) {
  return <MarkdownBody text={text} streaming={streaming} />
}

const show = (text: string, streaming = false) => render(<Answer text={text} streaming={streaming} />)
const words = (container: HTMLElement) => (container.textContent ?? '').replace(/\s+/g, ' ').trim()

describe('an answer', () => {
  test('shows headings one step lower', () => {
    show('# One\n\n###### Six\n')

    expect(screen.getAllByRole('heading').map((heading) => heading.tagName)).toEqual(['H2', 'H6'])
  })

  test('keeps line breaks and shows HTML as text', () => {
    const { container } = show('Roses<br>are <b>red</b>\nViolets')

    expect(container.querySelector('p')?.innerHTML).toMatch(/^Roses<br>\s*are &lt;b&gt;red&lt;\/b&gt;<br>\s*Violets$/)
  })

  test('an unclosed comment or tag swallows nothing', () => {
    show('<!-- a comment\n\n<script>\n\n# Heading')

    expect(screen.getByRole('heading', { name: 'Heading' })).toBeVisible()
  })

  test('opens links in a page of their own and says where they go', () => {
    show('[bank.example](https://evil.example/x)')

    const link = screen.getByRole('link', { name: 'bank.example' })
    expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow')
    expect(link).toHaveAttribute('target', '_blank')
    expect(link).toHaveAttribute('title', 'https://evil.example/x')
    expect(link.nextSibling).toHaveTextContent('(evil.example)')
  })

  test('never loads an image, and links to it', () => {
    const { container } = show('![A cat](https://pics.example/cat.png) ![](data:image/png;base64,AAAA)')

    expect(container.querySelector('img')).toBeNull()
    expect(screen.getByRole('link', { name: 'A cat · image at pics.example' })).toHaveAttribute(
      'href',
      'https://pics.example/cat.png',
    )
    expect(screen.getByText('Image, not shown')).toBeVisible()
  })

  test('finds link definitions and footnotes in other blocks', async () => {
    const { container } = show(
      '[a][one], note[^n], again[^m].\n\ntext\n\n[one]: https://one.example/\n\n[^m]: Second.\n[^n]: First [b][one].\n',
    )

    expect(screen.getByRole('link', { name: 'a' })).toHaveAttribute('href', 'https://one.example/')
    const notes = within(screen.getByRole('region', { name: 'Footnotes' })).getAllByRole('listitem')
    expect(notes.map(words)).toEqual(['First b.↩', 'Second.↩'])
    await userEvent.click(screen.getByRole('button', { name: 'Footnote 2' }))
    expect(notes[1]).toHaveFocus()
    await userEvent.click(screen.getByRole('button', { name: 'Back to the text of footnote 2' }))
    expect(screen.getByRole('button', { name: 'Footnote 2' })).toHaveFocus()
    expect(container.querySelectorAll('[id^="user-content"], [name]')).toHaveLength(0)
  })

  test('says which tasks are done', () => {
    show('- [x] one\n- [ ] two')

    expect(screen.getAllByRole('img').map((mark) => mark.getAttribute('aria-label'))).toEqual(['Done:', 'To do:'])
  })

  test('a table that was parsed in parts is one table', () => {
    show(`| Name | Size |\n|---|---:|\n${'| word | 12 |\n'.repeat(500)}`)

    expect(screen.getAllByRole('table')).toHaveLength(1)
    expect(screen.getAllByRole('row')).toHaveLength(501)
    expect(screen.getAllByRole('columnheader').map(words)).toEqual(['Name', 'Size'])
  })

  test('a long one comes in several frames, whole in the end', async () => {
    const text = Array.from({ length: 200 }, (_, index) => `Paragraph ${index} ${'with some words '.repeat(5)}.`).join(
      '\n\n',
    )
    const { container } = show(text)

    expect(container.querySelectorAll('p').length).toBeLessThan(150)
    expect(await screen.findByText(/Paragraph 199 /)).toBeVisible()
    expect(container.querySelectorAll('p')).toHaveLength(200)
  })

  test('what is nested past reason is shown as text', () => {
    const { container } = show(`${'> '.repeat(5_000)}deep\n\n${'- '.repeat(3_000)}x\n\n${'**a _b '.repeat(500)}`)

    expect(container.querySelectorAll('blockquote, li').length).toBeLessThan(50)
    expect(words(container)).toContain('deep')
  })

  test('signs that turn the direction of text are shown by their number', () => {
    show('abc\u202ecba and `x\u2066y`')

    expect(screen.getByText('U+202E')).toBeVisible()
    expect(screen.getByText('U+2066')).toBeVisible()
  })
})

describe('while it streams', () => {
  const text =
    'Intro with **bold** and [a link](https://example.com/x).\n\n| A | B |\n|---|---|\n| `x` | **y** |\n\n- one *two*\n- [ ] three\n\n```py\nprint("**")\n```\n\nSo $x^2$ is ~~not~~ [here][r].\n\n[r]: https://r.example/\n'

  test('no raw mark is ever seen outside of code', () => {
    const { container, rerender } = show('', true)

    for (let end = 1; end <= text.length; end += 1) {
      rerender(<Answer text={text.slice(0, end)} streaming />)
      const prose = container.cloneNode(true) as HTMLElement
      for (const code of prose.querySelectorAll('pre, code')) code.remove()
      expect(prose.textContent, text.slice(0, end)).not.toMatch(/[*`|~[\]$]/)
    }
  })

  test('blocks that are settled keep their elements', () => {
    const { container, rerender } = show('# One\n\nTwo\n\nThr', true)
    const [one, two] = [screen.getByRole('heading'), container.querySelector('p')]

    rerender(<Answer text={'# One\n\nTwo\n\nThree **and**\n\n- more'} streaming />)
    rerender(<Answer text={'# One\n\nTwo\n\nThree **and**\n\n- more'} />)

    expect(screen.getByRole('heading')).toBe(one)
    expect(container.querySelector('p')).toBe(two)
  })

  test('a footnote has its number before its text has come', () => {
    show('Word[^1] and more', true)

    expect(screen.getByRole('button', { name: 'Footnote 1' })).toBeVisible()
  })

  test('a link without its definition yet looks like one', () => {
    const { container } = show('See [the text][later] for more\n\nNext', true)

    expect(words(container)).toBe('See the text for moreNext')
  })
})
