import { createEvent, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { Conversation } from '../../api/conversation-types'
import type { Folder } from '../../api/folders'
import { answers, page, refuses } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { conversationOf } from '../conversation/conversation-builder'
import { ChatList } from './chat-list'
import { CONVERSATION_TYPE } from './dragging'
import { keepsConversations } from './fake-conversations'

const NOW = new Date().toISOString()
const BREAD = conversationOf({ id: 'bread', title: 'Bread', updated_at: NOW })
const WORK: Folder = { id: 'work', name: 'Work', position: 0, conversation_count: 0, created_at: NOW }
const LIST = '/api/v1/conversations'

async function show(conversations: Conversation[] = [BREAD], folders: Folder[] = [WORK]) {
  const kept = keepsConversations(conversations, folders)
  const shown = await renderPart(<ChatList />)
  await screen.findByRole('button', { name: 'New folder' })
  return { ...shown, kept }
}

async function choose(user: Rendered['user'], item: string): Promise<void> {
  await user.click(await screen.findByRole('button', { name: 'More for Work' }))
  await user.click(await screen.findByRole('menuitem', { name: item }))
}

describe('folders', () => {
  test('are made, and say that they are empty', async () => {
    const { user, kept } = await show([BREAD], [])
    const made = answers('post', '/api/v1/folders', ({ body }) => {
      const folder = { ...WORK, ...(body as { name: string }) }
      kept.folders = [folder]
      return folder
    })

    await user.click(screen.getByRole('button', { name: 'New folder' }))
    await user.type(screen.getByRole('textbox', { name: 'Name of the folder' }), 'Recipes{Enter}')

    const recipes = within(await screen.findByRole('region', { name: 'Recipes' }))
    expect(made[0]?.body).toEqual({ name: 'Recipes' })
    await user.click(recipes.getByRole('button', { name: /^Recipes/ }))
    expect(await recipes.findByText('Drag conversations here.')).toBeVisible()
  })

  test('are renamed', async () => {
    const { user, kept } = await show()
    const changed = answers('patch', '/api/v1/folders/{id}', ({ body }) => {
      kept.folders = [{ ...WORK, ...(body as { name: string }) }]
      return kept.folders[0] as Folder
    })

    await choose(user, 'Rename folder')
    const name = screen.getByRole('textbox', { name: 'Name of the folder' })
    await user.clear(name)
    await user.type(name, 'Home{Enter}')

    expect(await screen.findByRole('region', { name: 'Home' })).toBeVisible()
    expect(changed[0]).toMatchObject({ params: { id: 'work' }, body: { name: 'Home' } })
  })

  test('are deleted after a question; what they held stays', async () => {
    const { user, kept } = await show()
    const deleted = answers('delete', '/api/v1/folders/{id}', () => {
      kept.folders = []
      return { deleted: true as const, id: 'work' }
    })

    await choose(user, 'Delete folder')
    const sure = within(await screen.findByRole('dialog', { name: 'Delete the folder “Work”?' }))
    expect(sure.getByText('Its conversations stay; they go back to the list.')).toBeVisible()
    await user.click(sure.getByRole('button', { name: 'Delete folder' }))

    await waitFor(() => expect(screen.queryByRole('region', { name: 'Work' })).toBeNull())
    expect(deleted).toHaveLength(1)
    expect(screen.getByRole('link', { name: 'Bread' })).toBeVisible()
  })

  test('that can’t be made, renamed or deleted say why', async () => {
    const { user } = await show()
    refuses('post', '/api/v1/folders', 409, { code: 'conflict', message: 'There are 200 folders.' })
    refuses('patch', '/api/v1/folders/{id}', 409, { code: 'conflict', message: 'There is one already.' })
    refuses('delete', '/api/v1/folders/{id}', 404, { code: 'not_found', message: 'It is gone.' })

    await user.click(screen.getByRole('button', { name: 'New folder' }))
    await user.keyboard('Recipes{Enter}')
    expect(await screen.findByText('There are 200 folders.')).toBeVisible()

    await choose(user, 'Rename folder')
    await user.keyboard('Home{Enter}')
    expect(await screen.findByText('There is one already.')).toBeVisible()

    await choose(user, 'Delete folder')
    const sure = within(await screen.findByRole('dialog'))
    await user.click(sure.getByRole('button', { name: 'Delete folder' }))
    expect(await screen.findByText('It is gone.')).toBeVisible()
    expect(screen.getByRole('region', { name: 'Work' })).toBeVisible()
  })

  test('take conversations that are dropped on them, and nothing else', async () => {
    const { kept } = await show()
    const work = screen.getByRole('region', { name: 'Work' })
    const drag = (type: string, text: string) => ({
      dataTransfer: { types: [type], getData: (of: string) => (of === type ? text : '') },
    })
    const over = (type: string) => {
      const event = createEvent.dragOver(work)
      Object.assign(event, drag(type, ''))
      fireEvent(work, event)
      return event.defaultPrevented
    }
    expect(over('text/plain')).toBe(false)
    expect(over(CONVERSATION_TYPE)).toBe(true)

    const dropped = createEvent.drop(work)
    Object.assign(dropped, drag(CONVERSATION_TYPE, JSON.stringify(BREAD)))
    fireEvent(work, dropped)

    await waitFor(() => expect(kept.changes).toEqual([{ folder_id: 'work' }]))
    await waitFor(() => expect(screen.queryByRole('link', { name: 'Bread' })).toBeNull())
  })
})

describe('the list', () => {
  test('says where nothing is yet', async () => {
    keepsConversations([])
    await renderPart(<ChatList />)

    expect(await screen.findByText('Your conversations will stand here.')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'New folder' })).toBeNull()
  })

  test('says that it can’t be loaded, and is asked for again', async () => {
    keepsConversations([BREAD])
    refuses('get', LIST, 503, { code: 'unavailable', message: 'The database is away.' })
    const { user } = await renderPart(<ChatList />)
    expect(await screen.findByText('Your conversations can’t be loaded.')).toBeVisible()
    expect(screen.getByText('The database is away.')).toBeVisible()

    keepsConversations([BREAD])
    await user.click(screen.getByRole('button', { name: 'Try again' }))

    expect(await screen.findByRole('link', { name: 'Bread' })).toBeVisible()
  })

  test('goes on with older ones', async () => {
    keepsConversations([])
    answers('get', LIST, ({ url }) => {
      if (url.searchParams.has('pinned')) return page<Conversation>([])
      const isOlder = url.searchParams.get('cursor') === 'older'
      return isOlder ? page([conversationOf({ id: 'old', title: 'Tides' })]) : page([BREAD], 'older')
    })
    const { user } = await renderPart(<ChatList />)

    await user.click(await screen.findByRole('button', { name: 'Show older ones' }))

    expect(await screen.findByRole('link', { name: 'Tides' })).toBeVisible()
    expect(screen.getByRole('link', { name: 'Bread' })).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Show older ones' })).toBeNull()
  })

  test('marks what is being answered, and what was answered meanwhile', async () => {
    const { queries } = await show([{ ...BREAD, running: ['generation'] }])
    const bread = within(screen.getByRole('link', { name: /Bread/ }))
    expect(bread.getByRole('img', { name: 'An answer is being written' })).toBeVisible()

    keepsConversations([BREAD], [WORK])
    await queries.invalidateQueries()

    expect(await bread.findByRole('img', { name: 'New answer' })).toBeVisible()
    expect(bread.queryByRole('img', { name: 'An answer is being written' })).toBeNull()
  })

  test('leads to comparisons where they are one, and names what has no title', async () => {
    await show([conversationOf({ id: 'both', title: '', updated_at: NOW, compare: { columns: [] } })])

    const link = screen.getByRole('link', { name: /New conversation/ })
    expect(link).toHaveAttribute('href', '/compare/both')
    expect(within(link).getByLabelText('Comparison')).toBeVisible()
  })
})
