import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { AuditEntry } from '../../api/audit'
import { administrator, answers, page, refuses } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { AuditScreen } from './audit-screen'

const LOG = '/api/v1/llm-providers/audit-logs'
const ENTRY: AuditEntry = {
  id: 'entry-1',
  action: 'update',
  actor: { id: 'id-ada', name: 'ada' },
  at: '2026-11-21T10:00:00Z',
  object_type: 'provider',
  object_id: 'id-studio',
  object_name: 'studio',
  old: { name: 'Studio', enabled: true, max_tokens: null },
  new: { name: 'Studio', enabled: false, max_tokens: 512 },
  request_id: null,
}

test('a row says who changed what, and opens what differs', async () => {
  answers('get', LOG, page([ENTRY]))
  const { user } = await renderPart(<AuditScreen />, { me: administrator() })

  await user.click(await screen.findByRole('button', { name: /ada changed studio \(Provider\)/, expanded: false }))

  const rows = within(screen.getByRole('table')).getAllByRole('row')
  expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ['Field', 'Before', 'After'],
    ['enabled', 'true', 'false'],
    ['max_tokens', '—', '512'],
  ])
})

test('older entries follow when they are asked for', async () => {
  const asked = answers('get', LOG, ({ url }) =>
    url.searchParams.get('cursor') === 'older'
      ? page([{ ...ENTRY, id: 'entry-0', object_name: 'groq' }])
      : page([ENTRY], 'older'),
  )
  const { user } = await renderPart(<AuditScreen />, { me: administrator() })

  await user.click(await screen.findByRole('button', { name: 'Show older ones' }))

  expect(await screen.findByRole('button', { name: /groq/ })).toBeVisible()
  expect(screen.getByRole('button', { name: /studio/ })).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Show older ones' })).toBeNull()
  expect(asked).toHaveLength(2)
})

test('only one sort of things is asked for where that is chosen', async () => {
  const asked = answers('get', LOG, ({ url }) =>
    url.searchParams.get('object_type') === 'user'
      ? page([{ ...ENTRY, object_type: 'user', object_name: 'grace', action: 'reset_password', old: null, new: null }])
      : page([ENTRY]),
  )
  const { user } = await renderPart(<AuditScreen />, { me: administrator() })
  await screen.findByRole('button', { name: /studio/ })

  await user.click(screen.getByRole('combobox', { name: 'Show' }))
  await user.click(await screen.findByRole('option', { name: 'User' }))

  expect(await screen.findByText('grace')).toBeVisible()
  expect(screen.getByRole('listitem')).toHaveTextContent('ada reset the password of grace (User)')
  // Nothing opens where nothing is written down.
  expect(screen.queryByRole('button', { name: /grace/ })).toBeNull()
  expect(asked.map(({ url }) => url.searchParams.get('object_type')).at(-1)).toBe('user')
})

test('what happened under a name that is not known yet is shown by that name', async () => {
  answers('get', LOG, page([{ ...ENTRY, action: 'merge', object_type: 'workspace' }]))
  await renderPart(<AuditScreen />, { me: administrator() })

  expect(await screen.findByRole('button', { name: /ada merge studio \(workspace\)/ })).toBeVisible()
})

test('an empty log says so', async () => {
  answers('get', LOG, page<AuditEntry>([]))
  await renderPart(<AuditScreen />, { me: administrator() })

  expect(await screen.findByText('Nothing here yet')).toBeVisible()
})

test('a log that can’t be loaded says why, and is asked for again', async () => {
  refuses('get', LOG, 503, { code: 'unavailable', message: 'The database is away.' })
  const { user } = await renderPart(<AuditScreen />, { me: administrator() })
  expect(await screen.findByRole('alert')).toHaveTextContent('The log can’t be loaded.The database is away.')
  expect(screen.queryByText('Nothing here yet')).toBeNull()

  answers('get', LOG, page([ENTRY]))
  await user.click(screen.getByRole('button', { name: 'Try again' }))

  expect(await screen.findByRole('button', { name: /studio/ })).toBeVisible()
})
