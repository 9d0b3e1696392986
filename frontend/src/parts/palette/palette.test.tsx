import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { SearchHit } from '../../api/search'
import { administrator, answers, page, refuses } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { useShortcuts } from '../shortcuts/use-shortcuts'
import { PaletteHost } from './palette-host'

const HIT: SearchHit = {
  conversation_id: 'bread',
  message_id: 'm-7',
  role: 'assistant',
  title: 'Sourdough',
  snippet: 'the starter needs flour',
  marks: [[4, 11]],
  archived: false,
  created_at: '2026-11-21T10:00:00Z',
}

function AnyPage() {
  useShortcuts()
  return <PaletteHost />
}

async function opened(me = administrator()): Promise<Rendered> {
  const shown = await renderPart(<AnyPage />, { me })
  await shown.user.keyboard('{Control>}k{/Control}')
  expect(await screen.findByRole('combobox')).toHaveFocus()
  return shown
}

test('Ctrl-K opens it and Escape closes it', async () => {
  const { user } = await opened()

  await user.keyboard('{Escape}')

  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

test('it finds a conversation by its words and opens it at the message', async () => {
  const asked = answers('get', '/api/v1/conversations/search', page([HIT]))
  const { user, address } = await opened()

  await user.keyboard(' starter ')
  const hit = await screen.findByRole('option', { name: /Sourdough/ })
  expect(within(hit).getByText('starter').tagName).toBe('MARK')
  expect(asked.at(-1)?.url.searchParams.get('q')).toBe('starter')
  await user.click(hit)

  expect(address()).toBe('/c/bread?m=m-7')
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('a conversation that was found by its title opens as it was left', async () => {
  answers('get', '/api/v1/conversations/search', page([{ ...HIT, message_id: null, role: null, archived: true }]))
  const { user, address } = await opened()

  await user.keyboard('sour')
  const hit = await screen.findByRole('option', { name: /Sourdough/ })
  expect(within(hit).getByText('Archived')).toBeVisible()
  await user.click(hit)

  expect(address()).toBe('/c/bread')
})

test('commands are found by a few letters and done with Enter', async () => {
  answers('get', '/api/v1/conversations/search', page<SearchHit>([]))
  const { user, address } = await opened()

  await user.keyboard('go aud')
  expect(await screen.findByText('No conversation has these words.')).toBeVisible()
  expect(screen.getAllByRole('option')).toEqual([screen.getByRole('option', { name: 'Go to Audit log' })])
  await user.keyboard('{Enter}')

  expect(address()).toBe('/admin/audit')
})

test('a person is offered no places of administrators', async () => {
  await opened(administrator({ role: 'user', permissions: [] }))

  expect(screen.getByRole('option', { name: 'Go to API keys' })).toBeVisible()
  expect(screen.queryByRole('option', { name: 'Go to Audit log' })).toBeNull()
})

test('a search that fails is said, and the commands stay', async () => {
  refuses('get', '/api/v1/conversations/search', 500, { code: 'internal' })
  const { user } = await opened()

  await user.keyboard('usage')

  expect(await screen.findByText('The search failed.')).toBeVisible()
  expect(screen.getByRole('option', { name: 'Go to Usage' })).toBeVisible()
})
