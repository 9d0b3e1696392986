import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CodeBlock } from './code-block'
import { highlight } from './highlight'
import type { HighlightQuestion } from './highlight-worker'

/** The worker's own code, in this thread; `silent` ones never answer, as on a grammar that does not come to an end. */
class WorkerHere extends EventTarget {
  static asked: HighlightQuestion[] = []
  static silent = false

  async postMessage(question: HighlightQuestion) {
    WorkerHere.asked.push(question)
    if (WorkerHere.silent) return
    const tokens = await highlight(question.code, question.language)
    this.dispatchEvent(new MessageEvent('message', { data: { id: question.id, tokens } }))
  }

  terminate() {
    WorkerHere.silent = false
  }
}

beforeEach(() => {
  WorkerHere.asked = []
  vi.stubGlobal('Worker', WorkerHere)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const coloured = (container: HTMLElement) => container.querySelectorAll('code span[class^="md-c-"]').length

describe('a code block', () => {
  test('is plain while it is written and coloured when it is whole, with the same text', async () => {
    const { container, rerender } = render(<CodeBlock language="py" code="def one():" whole={false} />)
    rerender(<CodeBlock language="py" code={'def one():\n    return 1'} whole={false} />)
    expect(WorkerHere.asked).toEqual([])

    rerender(<CodeBlock language="py" code={'def one():\n    return 1'} whole />)

    await vi.waitFor(() => expect(coloured(container)).toBeGreaterThan(2))
    expect(container.querySelector('code')).toHaveTextContent('def one(): return 1')
    expect(screen.getByText('Python')).toBeVisible()
  })

  test('is coloured at once when its colours are known', async () => {
    const first = render(<CodeBlock language="js" code="const known = 1" whole />)
    await vi.waitFor(() => expect(coloured(first.container)).toBeGreaterThan(0))
    first.unmount()

    const { container } = render(<CodeBlock language="js" code="const known = 1" whole />)

    expect(coloured(container)).toBeGreaterThan(0)
    expect(WorkerHere.asked).toHaveLength(1)
  })

  test('stays plain when its grammar does not come to an end, and the next one is coloured', async () => {
    vi.useFakeTimers()
    WorkerHere.silent = true
    const slow = render(<CodeBlock language="js" code="let slow = 1" whole />)
    const next = render(<CodeBlock language="js" code="let next = 2" whole />)

    await act(() => vi.advanceTimersByTimeAsync(10_000))

    expect(coloured(slow.container)).toBe(0)
    expect(slow.container).toHaveTextContent('let slow = 1')
    expect(coloured(next.container)).toBeGreaterThan(0)
  })

  test('asks nothing for a language that it does not know', () => {
    render(<CodeBlock language="brainwave" code="x" whole />)

    expect(screen.getByText('brainwave')).toBeVisible()
    expect(WorkerHere.asked).toEqual([])
  })

  test('wraps on wish, and folds when it is long and whole', async () => {
    const long = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n')
    const { container, rerender } = render(<CodeBlock language="" code={long} whole={false} />)
    expect(screen.queryByRole('button', { name: 'Show less' })).toBeNull()

    rerender(<CodeBlock language="" code={long} whole />)
    await userEvent.click(screen.getByRole('button', { name: 'Wrap long lines' }))
    await userEvent.click(screen.getByRole('button', { name: 'Show less' }))

    expect(screen.getByRole('button', { name: 'Wrap long lines' })).toHaveAttribute('aria-pressed', 'true')
    expect(container.querySelector('.md-code-box')).toHaveClass('md-wraps', 'md-folded')
    await userEvent.click(screen.getAllByRole('button', { name: 'Show all 50 lines' })[1] as HTMLElement)
    expect(container.querySelector('.md-code-box')).not.toHaveClass('md-folded')
  })

  test('copies what was written, and warns of signs that nobody sees', async () => {
    const user = userEvent.setup()
    render(<CodeBlock language="" code={'a\u202eb'} whole />)

    expect(screen.getByText('Contains hidden signs')).toBeVisible()
    expect(screen.getByText('U+202E')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Copy the code' }))
    expect(await navigator.clipboard.readText()).toBe('a\u202eb')
  })
})
