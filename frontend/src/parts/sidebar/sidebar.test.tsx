import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { Conversation, ConversationChanges } from '../../api/conversation-types'
import type { Folder } from '../../api/folders'
import { administrator, refuses, somebody } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { conversationOf } from '../conversation/conversation-builder'
import { keepsConversations } from './fake-conversations'
import { Sidebar } from './sidebar'

const HOUR_MS = 60 * 60 * 1000

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 24 * HOUR_MS).toISOString()
}

const TODAY = conversationOf({ id: 'today', title: 'Bread', updated_at: daysAgo(0) })
const OLDER = conversationOf({ id: 'older', title: 'Tides', updated_at: daysAgo(5) })
const PINNED = conversationOf({ id: 'pinned', title: 'Garden', pinned: true, updated_at: daysAgo(50) })
const FILED = conversationOf({ id: 'filed', title: 'Invoices', folder_id: 'work', updated_at: daysAgo(2) })
const WORK: Folder = { id: 'work', name: 'Work', position: 0, conversation_count: 1, created_at: daysAgo(90) }

interface Shown extends Rendered {
  /** What the gateway was told to change, oldest first. */
  changes: ConversationChanges[]
}

/** The sidebar beside the chat, and a gateway that keeps these conversations. */
async function show(conversations: Conversation[] = [TODAY, OLDER, PINNED, FILED]): Promise<Shown> {
  const { changes } = keepsConversations(conversations, [WORK])
  const shown = await renderPart(<Sidebar />)
  await screen.findByRole('navigation', { name: 'Conversations' })
  return { ...shown, changes }
}

function group(name: string): Promise<HTMLElement> {
  return screen.findByRole('region', { name })
}

async function choose(user: Rendered['user'], title: string, act: string): Promise<void> {
  await user.click(await screen.findByRole('button', { name: `More for ${title}` }))
  await user.click(await screen.findByRole('menuitem', { name: act }))
}

describe('conversations', () => {
  test('stand pinned, in folders, then by date, and open from there', async () => {
    const { user, address } = await show()

    expect(within(await group('Pinned')).getByRole('link', { name: 'Garden' })).toBeVisible()
    expect(within(await group('Today')).getAllByRole('link')).toEqual([screen.getByRole('link', { name: 'Bread' })])
    expect(within(await group('Previous 7 days')).getByRole('link', { name: 'Tides' })).toBeVisible()
    expect(screen.getAllByRole('link', { name: 'Garden' })).toHaveLength(1)
    expect(screen.queryByRole('link', { name: 'Invoices' })).toBeNull()
    const work = within(await group('Work'))
    await user.click(work.getByRole('button', { name: /^Work/, expanded: false }))
    await user.click(await work.findByRole('link', { name: 'Invoices' }))

    expect(address()).toBe('/c/filed')
  })

  test('are renamed where they stand; Escape leaves the title as it was', async () => {
    const { user, changes } = await show()
    await choose(user, 'Bread', 'Rename')
    await user.keyboard('Nothing{Escape}')
    expect(await screen.findByRole('link', { name: 'Bread' })).toBeVisible()
    expect(changes).toEqual([])

    await choose(user, 'Bread', 'Rename')
    const title = await screen.findByRole('textbox', { name: 'Title' })
    await user.clear(title)
    await user.type(title, ' Sourdough {Enter}')

    expect(await screen.findByRole('link', { name: 'Sourdough' })).toBeVisible()
    await waitFor(() => expect(changes).toEqual([{ title: 'Sourdough' }]))
  })

  test('keep their place when the gateway refuses a change, and that is said', async () => {
    const { user } = await show()
    refuses('patch', '/api/v1/conversations/{id}', 409, { code: 'conflict', message: 'It is being answered.' })

    await choose(user, 'Tides', 'Pin')

    expect(await screen.findByText('It is being answered.')).toBeVisible()
    expect(within(await group('Previous 7 days')).getByRole('link', { name: 'Tides' })).toBeVisible()
  })

  test('are deleted at once, and come back with Undo', async () => {
    const { user } = await show()

    await choose(user, 'Bread', 'Delete')
    expect(await screen.findByText('Deleted “Bread”')).toBeVisible()
    expect(screen.queryByRole('link', { name: 'Bread' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Undo' }))

    expect(await screen.findByRole('link', { name: 'Bread' })).toBeVisible()
  })
})

describe('beside the other screens', () => {
  test('everybody finds their own places, and only administrators the gateway’s', async () => {
    const { unmount } = await renderPart(<Sidebar />, { me: somebody(), path: '/keys' })
    const own = await group('You')
    expect(
      within(own)
        .getAllByRole('link')
        .map((link) => link.textContent),
    ).toEqual(['Settings', 'API keys', 'Usage'])
    expect(screen.queryByRole('region', { name: 'Gateway' })).toBeNull()
    unmount()

    await renderPart(<Sidebar />, { me: administrator(), path: '/keys' })

    expect(within(await group('Gateway')).getByRole('link', { name: 'Users' })).toHaveAttribute('href', '/admin/users')
  })

  test('whoever may have providers of their own finds them', async () => {
    await renderPart(<Sidebar />, { me: somebody({ permissions: ['personal_providers'] }), path: '/keys' })

    expect(within(await group('You')).getByRole('link', { name: 'Providers' })).toBeVisible()
  })
})
