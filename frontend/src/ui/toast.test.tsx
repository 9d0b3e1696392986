import { act, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadLazyParts } from '../lib/lazy-part'
import { Dialog } from './dialog'
import { type ToastMessage, ToastProvider, UNDO_MS, useToast } from './toast'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function Sayer({ message }: { message: ToastMessage }) {
  const show = useToast()
  return (
    <button type="button" onClick={() => show(message)}>
      Say
    </button>
  )
}

function say(message: ToastMessage, times = 1): void {
  render(
    <ToastProvider>
      <Sayer message={message} />
    </ToastProvider>,
  )
  for (let time = 0; time < times; time += 1) fireEvent.click(screen.getByText('Say'))
}

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
const region = () => screen.getByRole('region', { name: 'Notification' })

test('a message is announced, and goes by itself', async () => {
  say({ text: 'Key revoked' })

  expect(region()).toHaveAttribute('aria-live', 'polite')
  expect(region()).toHaveTextContent('Key revoked')

  await pass(5000)
  expect(screen.queryByText('Key revoked')).not.toBeInTheDocument()
})

test('what can be undone stays for eight seconds, and goes once it was undone', async () => {
  const undo = vi.fn()
  say({ text: 'Conversation deleted', action: { label: 'Undo', onSelect: undo } })

  await pass(UNDO_MS - 1)
  fireEvent.click(screen.getByRole('button', { name: 'Undo' }))

  expect(undo).toHaveBeenCalledOnce()
  expect(region()).toBeEmptyDOMElement()
})

test('a message waits while somebody points at it or stands in it', async () => {
  say({ text: 'Copied' })

  await pass(4000)
  fireEvent.pointerEnter(region())
  await pass(60_000)
  expect(screen.getByText('Copied')).toBeVisible()

  fireEvent.pointerLeave(region())
  await pass(999)
  expect(screen.getByText('Copied')).toBeVisible()
  await pass(1)
  expect(screen.queryByText('Copied')).not.toBeInTheDocument()
})

test('at most three are in sight', () => {
  say({ text: 'Saved' }, 5)

  expect(screen.getAllByText('Saved')).toHaveLength(3)
})

test('a press on a message does not close the dialog below it', async () => {
  await loadLazyParts()
  const onOpenChange = vi.fn()
  render(
    <ToastProvider>
      <Dialog open onOpenChange={onOpenChange} title="Rename">
        <Sayer message={{ text: 'Saved' }} />
      </Dialog>
    </ToastProvider>,
  )
  fireEvent.click(screen.getByText('Say'))
  // The dialog listens to the rest of the page from the next turn on.
  await pass(1)

  fireEvent.pointerDown(screen.getByText('Saved'))
  expect(onOpenChange).not.toHaveBeenCalled()

  fireEvent.pointerDown(document.body)
  fireEvent.click(document.body)
  expect(onOpenChange).toHaveBeenCalledWith(false)
})
