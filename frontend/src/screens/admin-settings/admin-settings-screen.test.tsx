import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Settings } from '../../api/settings'
import { listedOf } from '../../parts/model-picker/listed-builder'
import { administrator, answers, refuses } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { AdminSettingsScreen } from './admin-settings-screen'

async function show(): Promise<Rendered & { sent: unknown[] }> {
  let settings: Settings = {
    default_models: { chat: null, vision: null, embedding: null },
    default_requests_per_minute: 60,
    personal_providers_allowed: false,
    personal_private_addresses_allowed: false,
  }
  const sent: unknown[] = []
  answers('get', '/api/v1/llm-providers/models', listedOf([]))
  answers('get', '/api/v1/settings', () => settings)
  answers('patch', '/api/v1/settings', ({ body }) => {
    sent.push(body)
    settings = { ...settings, ...(body as Partial<Settings>) }
    return settings
  })
  return { ...(await renderPart(<AdminSettingsScreen />, { me: administrator() })), sent }
}

test('a switch is kept at once, and Undo takes it back', async () => {
  const { user, sent } = await show()
  const allowed = await screen.findByRole('switch', { name: /^Allow personal providers/ })

  await user.click(allowed)
  await waitFor(() => expect(allowed).toBeChecked())
  await user.click(await screen.findByRole('button', { name: 'Undo' }))

  expect(await screen.findByText('Taken back')).toBeVisible()
  expect(allowed).not.toBeChecked()
  expect(sent).toEqual([{ personal_providers_allowed: true }, { personal_providers_allowed: false }])
})

test('a limit is saved when asked for, and its field shows what Undo brought back', async () => {
  const { user, sent } = await show()
  const limit = await screen.findByRole('spinbutton', { name: 'Requests per minute for each user' })
  expect(limit).toHaveValue(60)
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull()

  await user.clear(limit)
  await user.click(screen.getByRole('button', { name: 'Save' }))
  expect(await screen.findByText('Saved')).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Save' })).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Undo' }))

  expect(await screen.findByText('Taken back')).toBeVisible()
  expect(screen.getByRole('spinbutton')).toHaveValue(60)
  expect(sent).toEqual([{ default_requests_per_minute: null }, { default_requests_per_minute: 60 }])
})

test('a refusal is said, and what holds stays in sight', async () => {
  const { user } = await show()
  refuses('patch', '/api/v1/settings', 503, { code: 'database', message: 'The database is away.' })

  await user.click(await screen.findByRole('switch', { name: /^Allow personal providers/ }))

  expect(await screen.findByText('The database is away.')).toBeVisible()
  expect(screen.getByRole('switch', { name: /^Allow personal providers/ })).not.toBeChecked()
})
