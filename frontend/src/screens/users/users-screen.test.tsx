import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { User } from '../../api/users'
import { administrator, answers, page, refuses } from '../../test/gateway'
import { type Rendered, renderPart } from '../../test/render'
import { UsersScreen } from './users-screen'

const ME = administrator()

function userOf(username: string, fields: Partial<User> = {}): User {
  return {
    id: `id-${username}`,
    username,
    role: 'user',
    permissions: [],
    enabled: true,
    must_change_password: false,
    last_login_at: null,
    created_at: '2026-11-21T10:00:00Z',
    updated_at: '2026-11-21T10:00:00Z',
    ...fields,
  }
}

async function show(users: User[] = [userOf('ada', { id: ME.id, role: 'admin' }), userOf('grace')]): Promise<Rendered> {
  answers('get', '/api/v1/users', page(users))
  const shown = await renderPart(<UsersScreen />, { me: ME })
  await screen.findByRole('row', { name: /ada/ })
  return shown
}

test('a new user gets a one-time password that is shown once', async () => {
  const { user } = await show()
  refuses('post', '/api/v1/users', 422, {
    code: 'validation_failed',
    details: [{ field: 'username', problem: 'Somebody has this name.' }],
  })
  await user.click(screen.getByRole('button', { name: 'Add user' }))
  const form = within(await screen.findByRole('dialog', { name: 'Add a user' }))
  const name = form.getByRole('textbox', { name: 'Username' })
  await user.type(name, 'grace{Enter}')
  await waitFor(() => expect(name).toHaveAccessibleDescription('Somebody has this name.'))

  const created = answers('post', '/api/v1/users', { ...userOf('linus'), one_time_password: 'first-and-last' })
  await user.clear(name)
  await user.type(name, 'linus')
  await user.click(form.getByRole('checkbox', { name: /Own providers/ }))
  await user.click(form.getByRole('button', { name: 'Add user' }))

  const shown = within(await screen.findByRole('dialog', { name: 'Password for linus' }))
  expect(created[0]?.body).toEqual({ username: 'linus', role: 'user', permissions: ['personal_providers'] })
  expect(shown.getByText('first-and-last')).toBeVisible()
  await user.click(shown.getByRole('button', { name: 'Done' }))
  expect(screen.queryByText('first-and-last')).toBeNull()
})

test('deleting somebody needs the name to be typed', async () => {
  const deleted = answers('delete', '/api/v1/users/{id}', { deleted: true, id: 'id-grace' })
  const { user } = await show()
  await user.click(screen.getByRole('button', { name: 'More for grace' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Delete user' }))
  const asked = within(await screen.findByRole('dialog', { name: 'Delete grace?' }))

  expect(asked.getByRole('button', { name: 'Delete user' })).toBeDisabled()
  await user.type(asked.getByRole('textbox', { name: 'Type grace to confirm' }), 'grace')
  await user.click(asked.getByRole('button', { name: 'Delete user' }))

  expect(await screen.findByText('Deleted grace')).toBeVisible()
  expect(deleted[0]?.params).toEqual({ id: 'id-grace' })
})

test('nobody can lock themselves out', async () => {
  const { user } = await show()

  await user.click(screen.getByRole('button', { name: 'More for ada' }))

  for (const act of ['Reset password', 'Disable', 'Delete user']) {
    expect(await screen.findByRole('menuitem', { name: act })).toHaveAttribute('aria-disabled', 'true')
  }
})
