import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { AuditEntry } from '../../api/audit'
import { administrator, answers, page } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { AuditScreen } from './audit-screen'

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
  answers('get', '/api/v1/llm-providers/audit-logs', page([ENTRY]))
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
  const asked = answers('get', '/api/v1/llm-providers/audit-logs', ({ url }) =>
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
