import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse, http } from 'msw'
import { describe, expect, test } from 'vitest'
import type { Folder } from '../../api/folders'
import { catchDownloads } from '../../test/downloads'
import { atPath, network, refuses } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { conversationOf } from '../conversation/conversation-builder'
import { keepsConversations } from '../sidebar/fake-conversations'
import { Sidebar } from '../sidebar/sidebar'

const NOW = new Date().toISOString()
const BREAD = conversationOf({ id: 'bread', title: 'Bread', updated_at: NOW })
const TIDES = conversationOf({ id: 'tides', title: '', updated_at: NOW, folder_id: 'work' })
const WORK: Folder = { id: 'work', name: 'Work', position: 0, conversation_count: 1, created_at: NOW }

/** The list, where these menus are. */
async function show() {
  const kept = keepsConversations([BREAD, TIDES], [WORK])
  const shown = await renderPart(<Sidebar />)
  await screen.findByRole('link', { name: 'Bread' })
  return { ...shown, ...kept }
}

async function choose(user: Rendered['user'], title: string, item: string, inside?: string): Promise<void> {
  await user.click(await screen.findByRole('button', { name: `More for ${title}` }))
  await user.click(await screen.findByRole('menuitem', { name: item }))
  if (inside === undefined) return
  // With a key: a pointer's way into the second menu needs places, and here nothing has one.
  const found = await screen.findByText(inside, { selector: '[role^=menuitem], [role^=menuitem] *' })
  act(() => found.closest<HTMLElement>('[role^=menuitem]')?.focus())
  await user.keyboard('{Enter}')
}

describe('into a folder', () => {
  test('and out of it again', async () => {
    const { user, changes } = await show()

    await choose(user, 'Bread', 'Move to folder', 'Work')
    await waitFor(() => expect(changes).toEqual([{ folder_id: 'work' }]))
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Today' })).toBeNull())
    const work = within(screen.getByRole('region', { name: 'Work' }))
    await user.click(work.getByRole('button', { name: /^Work/, expanded: false }))
    expect(await work.findByRole('link', { name: 'Bread' })).toBeVisible()

    await choose(user, 'Bread', 'Move to folder', 'No folder')
    const today = within(await screen.findByRole('region', { name: 'Today' }))
    expect(today.getByRole('link', { name: 'Bread' })).toBeVisible()
    expect(changes.at(-1)).toEqual({ folder_id: null })
  })

  test('the one it is in is marked', async () => {
    const { user } = await show()
    const work = within(await screen.findByRole('region', { name: 'Work' }))
    await user.click(work.getByRole('button', { name: /^Work/, expanded: false }))

    await choose(user, 'New conversation', 'Move to folder')

    expect(await screen.findByRole('menuitemcheckbox', { name: 'Work' })).toBeChecked()
    expect(screen.getByRole('menuitemcheckbox', { name: 'No folder' })).not.toBeChecked()
  })
})

describe('into the archive', () => {
  test('and back with Undo', async () => {
    const { user, changes } = await show()

    await choose(user, 'Bread', 'Archive')
    expect(await screen.findByText('Archived')).toBeVisible()
    expect(screen.queryByRole('link', { name: 'Bread' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Undo' }))

    expect(await screen.findByRole('link', { name: 'Bread' })).toBeVisible()
    expect(changes).toEqual([{ archived: true }, { archived: false }])
  })

  test('not when the gateway refuses: it is back, and only that is said', async () => {
    const { user } = await show()
    refuses('patch', '/api/v1/conversations/{id}', 409, { code: 'conflict', message: 'It is being answered.' })

    await choose(user, 'Bread', 'Archive')

    expect(await screen.findByText('It is being answered.')).toBeVisible()
    expect(await screen.findByRole('link', { name: 'Bread' })).toBeVisible()
    expect(screen.queryByText('Archived')).toBeNull()
  })
})

describe('as a file', () => {
  test.each([
    ['As Markdown', 'md'],
    ['As JSON', 'json'],
  ])('%s', async (item, format) => {
    const files = catchDownloads()
    network.use(
      http.get(
        atPath('/api/v1/conversations/{id}/export'),
        ({ request, params }) => new HttpResponse(`${params.id} ${new URL(request.url).search}`),
      ),
    )
    const { user } = await show()

    await choose(user, 'Bread', 'Export', item)

    await waitFor(() => expect(files).toEqual([{ name: `bread.${format}`, text: `bread ?format=${format}` }]))
  })

  test('or it is said why not', async () => {
    refuses('get', '/api/v1/conversations/{id}/export', 404, { code: 'not_found', message: 'It is gone.' })
    const { user } = await show()

    await choose(user, 'Bread', 'Export', 'As JSON')

    expect(await screen.findByText('It is gone.')).toBeVisible()
  })
})

describe('into the trash', () => {
  test('not when the gateway refuses: it is back, and only that is said', async () => {
    const { user } = await show()
    refuses('delete', '/api/v1/conversations/{id}', 409, { code: 'conflict', message: 'It is being answered.' })

    await choose(user, 'Bread', 'Delete')

    expect(await screen.findByText('It is being answered.')).toBeVisible()
    expect(await screen.findByRole('link', { name: 'Bread' })).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
  })
})
