import { act, screen, waitFor, within } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { type Rendered, renderPart } from '../../test/render'
import { ShellContext } from '../shell/shell'
import { ShortcutsDialog } from './shortcuts-dialog'
import { useShortcuts } from './use-shortcuts'

function Keys() {
  useShortcuts()
  return (
    <>
      <input aria-label="Message" />
      <ShortcutsDialog />
    </>
  )
}

async function show(path = '/'): Promise<Rendered & { toggleSidebar: ReturnType<typeof vi.fn> }> {
  const toggleSidebar = vi.fn()
  const shown = await renderPart(
    <ShellContext value={{ isSidebarOpen: true, isNarrow: false, toggleSidebar: () => toggleSidebar() }}>
      <Keys />
    </ShellContext>,
    { path },
  )
  return { ...shown, toggleSidebar }
}

test('? lists the shortcuts with their keys', async () => {
  const { user } = await show()

  // The dialog suspends for a moment, which only an awaited act sees through.
  await act(() => user.keyboard('?'))

  const list = within(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' }))
  expect(list.getByText('Search and commands').closest('div')).toHaveTextContent(/Ctrl.*K/)
  await user.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

test('? is a letter where somebody writes', async () => {
  const { user } = await show()

  await user.type(screen.getByRole('textbox', { name: 'Message' }), 'Why?')

  expect(screen.getByRole('textbox')).toHaveValue('Why?')
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('keys with Ctrl work while writing too', async () => {
  const { user, address, toggleSidebar } = await show('/keys')
  await user.click(screen.getByRole('textbox', { name: 'Message' }))

  await user.keyboard('{Control>}b{/Control}')
  expect(toggleSidebar).toHaveBeenCalledOnce()
  await user.keyboard('{Control>}{Shift>}o{/Shift}{/Control}')

  await waitFor(() => expect(address()).toBe('/'))
})
