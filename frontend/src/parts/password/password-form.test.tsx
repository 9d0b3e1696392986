import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { answers, isAway, refuses, somebody } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { PasswordForm } from './password-form'

const CHANGE = '/api/v1/auth/change-password'

function isRefused(field: string, problem: string) {
  return refuses('post', CHANGE, 400, { code: 'invalid_request', details: [{ field, problem }] })
}

test('a wrong current password is said beside it, once', async () => {
  const asked = isRefused('current_password', 'is not right')
  const { user } = await renderPart(<PasswordForm replaces="current" action="Change" />)
  const current = screen.getByLabelText('Current password')

  await user.type(current, 'mistyped')
  await user.type(screen.getByLabelText('New password'), 'correct horse{Enter}')

  await waitFor(() => expect(current).toHaveAccessibleDescription('That isn’t your password.'))
  expect(current).toBeInvalid()
  expect(current).toHaveValue('mistyped')
  expect(asked).toHaveLength(1)
  expect(screen.queryByRole('alert')).toBeNull()
})

test('a new one that is refused keeps what was typed, and says why', async () => {
  isRefused('new_password', 'must differ from the current one')
  const { user } = await renderPart(<PasswordForm replaces="current" action="Change" />)
  const next = screen.getByLabelText('New password')
  expect(next).toHaveAccessibleDescription('At least 8 characters')

  await user.type(screen.getByLabelText('Current password'), 'correct horse')
  await user.type(next, 'correct horse{Enter}')

  await waitFor(() => expect(next).toHaveAccessibleDescription('must differ from the current one'))
  expect(next).toHaveValue('correct horse')
})

test('what concerns neither field stands above the button', async () => {
  refuses('post', CHANGE, 429, { code: 'rate_limited', message: 'Try again in 60 s.' })
  const { user } = await renderPart(<PasswordForm replaces="current" action="Change" />)
  await user.type(screen.getByLabelText('Current password'), 'old horse')
  await user.type(screen.getByLabelText('New password'), 'correct horse{Enter}')
  expect(await screen.findByRole('alert')).toHaveTextContent('Try again in 60 s.')

  isAway('post', CHANGE)
  await user.click(screen.getByRole('button', { name: 'Change' }))

  await waitFor(() => expect(screen.getByRole('alert')).toHaveTextContent('The gateway isn’t answering.'))
})

test('a known one is sent without being asked for, until it turns out to be wrong', async () => {
  isRefused('current_password', 'is not right')
  const { user } = await renderPart(<PasswordForm replaces="oneTime" known="printed-once" action="Save" />)
  expect(screen.queryByLabelText('One-time password')).toBeNull()

  await user.type(screen.getByLabelText('New password'), 'correct horse{Enter}')
  const current = await screen.findByLabelText('One-time password')
  expect(current).toHaveAccessibleDescription('That isn’t the one-time password you signed in with.')
  expect(current).toHaveValue('printed-once')

  const changed = answers('post', CHANGE, somebody())
  await user.clear(current)
  await user.type(current, 'printed-twice{Enter}')

  await waitFor(() => expect(screen.getByLabelText('New password')).toHaveValue(''))
  expect(changed[0]?.body).toEqual({ current_password: 'printed-twice', new_password: 'correct horse' })
})
