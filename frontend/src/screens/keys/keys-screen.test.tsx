import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Key, NewKey } from '../../api/keys'
import { gatewayUrl } from '../../lib/gateway-url'
import { listedOf, modelOf } from '../../parts/model-picker/listed-builder'
import { administrator, answers, page, refuses } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { KeysScreen } from './keys-screen'

const ADDRESS = gatewayUrl().replace(/\/+$/, '')

function keyOf(fields: Partial<Key> = {}): Key {
  return {
    id: 'key-1',
    name: 'nightly',
    prefix: 'pb-abc',
    models: null,
    requests_per_minute: null,
    expires_at: null,
    last_used_at: null,
    created_at: '2026-05-01T10:00:00Z',
    user_id: 'user-1',
    username: 'ada',
    ...fields,
  }
}

function newKeyOf(key: string, fields: Partial<Key> = {}): NewKey {
  return { ...keyOf(fields), key }
}

async function choose(user: Rendered['user'], act: string): Promise<void> {
  await user.click(await screen.findByRole('button', { name: 'More for nightly' }))
  await user.click(await screen.findByRole('menuitem', { name: act }))
}

test('a new key is shown once, with calls that hold the address, the key and a model it may use', async () => {
  answers('get', '/api/v1/api-keys', page<Key>([]))
  answers(
    'get',
    '/api/v1/llm-providers/models',
    listedOf([modelOf('local/toy'), modelOf('groq/vectors', { type: 'embeddings' }), modelOf('groq/fast')]),
  )
  const created = answers('post', '/api/v1/api-keys', newKeyOf('pb-abc-secret', { models: ['groq/*'] }))
  const { user } = await renderPart(<KeysScreen />)

  await user.click(await screen.findByRole('button', { name: 'Create key' }))
  const form = within(await screen.findByRole('dialog', { name: 'Create an API key' }))
  await user.type(form.getByRole('textbox', { name: 'Name' }), ' nightly ')
  await user.click(form.getByRole('radio', { name: 'Only these' }))
  await user.type(form.getByRole('combobox', { name: 'Model or pattern' }), 'groq/*{Enter}')
  await user.type(form.getByRole('spinbutton', { name: 'Requests per minute' }), '30')
  await user.click(form.getByRole('button', { name: 'Create key' }))

  const shown = within(await screen.findByRole('dialog', { name: 'Key for nightly' }))
  expect(created[0]?.body).toEqual({ name: 'nightly', models: ['groq/*'], requests_per_minute: 30, expires_at: null })
  expect(shown.getByText('pb-abc-secret')).toBeVisible()
  for (const language of ['curl', 'Python', 'JavaScript']) {
    await user.click(await shown.findByRole('tab', { name: language }))
    const call = shown.getByRole('tabpanel', { name: language })
    for (const part of [`${ADDRESS}/v1`, 'pb-abc-secret', 'groq/fast']) expect(call).toHaveTextContent(part)
  }
  await user.click(shown.getByRole('button', { name: 'Done' }))
  expect(screen.queryByText('pb-abc-secret')).toBeNull()
})

test('closing without a look asks first whether the key was copied', async () => {
  answers('get', '/api/v1/api-keys', page([keyOf()]))
  answers('get', '/api/v1/llm-providers/models', listedOf([]))
  answers('post', '/api/v1/api-keys/{id}/rotate', newKeyOf('pb-new-secret'))
  const { user } = await renderPart(<KeysScreen />)
  await choose(user, 'Rotate key')
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Rotate key' }))
  expect(await screen.findByText('pb-new-secret')).toBeVisible()
  expect(await screen.findByText('There is no model that this key may use yet.')).toBeVisible()

  await user.keyboard('{Escape}')
  expect(await screen.findByRole('alert')).toHaveTextContent('Have you copied the key?')
  await user.click(screen.getByRole('button', { name: 'Back' }))
  expect(screen.getByText('pb-new-secret')).toBeVisible()
  await user.keyboard('{Escape}')
  await user.click(await screen.findByRole('button', { name: 'Yes, close' }))

  expect(screen.queryByText('pb-new-secret')).toBeNull()
})

test('rotating waits for a yes, and a refusal is said', async () => {
  answers('get', '/api/v1/api-keys', page([keyOf()]))
  const rotated = refuses('post', '/api/v1/api-keys/{id}/rotate', 404, { code: 'not_found', message: 'It is gone.' })
  const { user } = await renderPart(<KeysScreen />)

  await choose(user, 'Rotate key')
  const asked = within(await screen.findByRole('dialog', { name: 'Rotate “nightly”?' }))
  expect(rotated).toHaveLength(0)
  await user.click(asked.getByRole('button', { name: 'Rotate key' }))

  expect(await screen.findByText('It is gone.')).toBeVisible()
  expect(rotated[0]?.params).toEqual({ id: 'key-1' })
})

test('a revoked key leaves the list', async () => {
  let keys = [keyOf()]
  answers('get', '/api/v1/api-keys', () => page(keys))
  answers('delete', '/api/v1/api-keys/{id}', () => {
    keys = []
    return { deleted: true as const, id: 'key-1' }
  })
  const { user } = await renderPart(<KeysScreen />)

  await choose(user, 'Revoke key')
  await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke key' }))

  expect(await screen.findByText('Revoked nightly')).toBeVisible()
  expect(await screen.findByText('No keys yet')).toBeVisible()
})

test('what the gateway says about a field stands at the field, and an administrator sees whose key it is', async () => {
  answers('get', '/api/v1/api-keys', page([keyOf({ username: 'grace', expires_at: '2020-01-01T00:00:00Z' })]))
  refuses('patch', '/api/v1/api-keys/{id}', 422, {
    code: 'validation_failed',
    details: [{ field: 'name', problem: 'You have a key with this name.' }],
  })
  const { user } = await renderPart(<KeysScreen />, { me: administrator() })
  const row = within(await screen.findByRole('row', { name: /nightly/ }))
  expect(row.getByRole('cell', { name: 'grace' })).toBeVisible()
  expect(row.getByText('Expired')).toBeVisible()

  await choose(user, 'Edit')
  const name = await screen.findByRole('textbox', { name: 'Name' })
  await user.clear(name)
  await user.type(name, 'other{Enter}')

  await waitFor(() => expect(name).toHaveAccessibleDescription(/You have a key with this name\./))
})
