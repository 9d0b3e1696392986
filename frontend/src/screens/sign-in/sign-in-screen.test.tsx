import { screen, waitFor } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { Key } from '../../api/keys'
import { administrator, answers, isAway, page, refuses, somebody } from '../../test/gateway'
import { type Rendered, renderApp } from '../../test/render'

const LOGIN = '/api/v1/auth/login'

async function signIn(user: Rendered['user'], password: string): Promise<void> {
  await user.type(await screen.findByRole('textbox', { name: 'Username' }), 'ada')
  await user.type(screen.getByLabelText('Password'), password)
  await user.click(screen.getByRole('button', { name: 'Sign in' }))
}

test('whoever wanted a page without being signed in gets there afterwards', async () => {
  answers('get', '/api/v1/api-keys', page<Key>([]))
  const asked = answers('post', LOGIN, { access_token: 'token-1', expires_in: 900, user: somebody() })
  const { user, address } = await renderApp('/keys', { me: null })
  await waitFor(() => expect(address()).toBe('/sign-in?next=%2Fkeys'))

  await signIn(user, 'correct horse')

  expect(await screen.findByRole('heading', { name: 'API keys' })).toBeVisible()
  expect(asked[0]?.body).toEqual({ username: 'ada', password: 'correct horse' })
})

describe('what went wrong is said in words, and what was typed stays', () => {
  test.each([
    [401, 'credential_invalid', 'That name and password don’t go together.'],
    [429, 'rate_limited', 'Too many attempts. Wait a minute, then try again.'],
  ])('%i %s', async (status, code, words) => {
    refuses('post', LOGIN, status, { code })
    const { user } = await renderApp('/sign-in', { me: null })

    await signIn(user, 'wrong')

    expect(await screen.findByRole('alert')).toHaveTextContent(words)
    expect(screen.getByLabelText('Password')).toHaveValue('wrong')
  })

  test('nobody answers', async () => {
    isAway('post', LOGIN)
    const { user } = await renderApp('/sign-in', { me: null })

    await signIn(user, 'wrong')

    expect(await screen.findByRole('alert')).toHaveTextContent('The gateway isn’t answering. Is it running?')
  })
})

describe('a one-time password', () => {
  test('leads to choosing another one, without being typed again', async () => {
    answers('get', '/api/v1/api-keys', page<Key>([]))
    const me = somebody({ must_change_password: true })
    answers('post', LOGIN, { access_token: 'token-1', expires_in: 900, user: me })
    refuses('post', '/api/v1/auth/change-password', 400, {
      code: 'invalid_request',
      details: [{ field: 'new_password', problem: 'Everybody knows that one.' }],
    })
    const { user } = await renderApp('/sign-in?next=%2Fkeys', { me: null })
    await signIn(user, 'printed-once')

    expect(await screen.findByRole('heading', { name: 'Choose a password' })).toBeVisible()
    expect(screen.queryByLabelText('One-time password')).toBeNull()
    const next = screen.getByLabelText('New password')
    await user.type(next, 'password')
    await user.click(screen.getByRole('button', { name: 'Save and go on' }))
    await waitFor(() => expect(next).toHaveAccessibleDescription(/Everybody knows that one\./))

    const changed = answers('post', '/api/v1/auth/change-password', somebody())
    await user.clear(next)
    await user.type(next, 'correct horse{Enter}')

    expect(await screen.findByRole('heading', { name: 'API keys' })).toBeVisible()
    expect(changed[0]?.body).toEqual({ current_password: 'printed-once', new_password: 'correct horse' })
  })

  test('leads an administrator to the first steps', async () => {
    const me = administrator({ must_change_password: true })
    answers('post', LOGIN, { access_token: 'token-1', expires_in: 900, user: me })
    const { user, address } = await renderApp('/sign-in', { me: null })

    await signIn(user, 'printed-once')

    await waitFor(() => expect(address()).toBe('/welcome'))
    expect(await screen.findByRole('heading', { name: 'Choose your password' })).toBeVisible()
  })
})
