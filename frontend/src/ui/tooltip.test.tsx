import { act, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { placeBeside } from './place-beside'
import { Tooltip } from './tooltip'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  // The next test's tooltip comes after a pause, not right after this one's.
  vi.advanceTimersByTime(1000)
  vi.useRealTimers()
})

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
const button = () => screen.getByRole('button')
const shown = () => screen.queryByRole('tooltip')

function show(): void {
  render(
    <Tooltip text="Copy the answer" shortcut="⌘ C">
      <button type="button">Copy</button>
    </Tooltip>,
  )
}

test('says its word after a moment under the pointer, and describes the thing with it', async () => {
  show()

  fireEvent.pointerEnter(button())
  await pass(399)
  expect(shown()).not.toBeInTheDocument()

  await pass(1)
  expect(button()).toHaveAccessibleDescription('Copy the answer ⌘ C')

  fireEvent.pointerLeave(button())
  await pass(120)
  expect(shown()).not.toBeInTheDocument()
})

test('stays while the pointer is on it, and goes with Escape', async () => {
  show()
  fireEvent.pointerEnter(button())
  await pass(400)

  fireEvent.pointerLeave(button())
  fireEvent.pointerEnter(screen.getByRole('tooltip'))
  await pass(10_000)
  expect(shown()).toBeInTheDocument()

  fireEvent.keyDown(document.body, { key: 'Escape' })
  expect(shown()).not.toBeInTheDocument()
})

test('says nothing under a finger, nor while the thing is pressed', async () => {
  show()

  fireEvent.pointerEnter(button(), { pointerType: 'touch' })
  await pass(1000)
  expect(shown()).not.toBeInTheDocument()

  fireEvent.pointerEnter(button(), { pointerType: 'mouse' })
  fireEvent.pointerDown(button())
  await pass(1000)
  expect(shown()).not.toBeInTheDocument()
})

test('says its word at once to somebody who comes with the keyboard', () => {
  show()

  act(() => button().focus())
  expect(shown()).toBeInTheDocument()

  act(() => button().blur())
  expect(shown()).not.toBeInTheDocument()
})

const VIEW = { width: 1000, height: 800 }
const SIZE = { width: 100, height: 20 }

test.each([
  ['above', { left: 500, top: 400 }, 'top', { left: 470, top: 374 }],
  ['below, where there is no room above', { left: 500, top: 10 }, 'top', { left: 470, top: 56 }],
  ['to the right', { left: 500, top: 400 }, 'right', { left: 546, top: 410 }],
  ['to the left, where there is no room on the right', { left: 950, top: 400 }, 'right', { left: 844, top: 410 }],
  ['in sight at the left edge', { left: 0, top: 400 }, 'bottom', { left: 8, top: 446 }],
  ['in sight at the right edge', { left: 970, top: 400 }, 'bottom', { left: 892, top: 446 }],
] as const)('stands %s', (_, anchor, side, place) => {
  expect(placeBeside({ ...anchor, width: 40, height: 40 }, SIZE, side, VIEW)).toEqual(place)
})
