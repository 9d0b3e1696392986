import { act, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { chooseLanguage } from '../../i18n'
import { administrator, answers, somebody } from '../../test/gateway'
import { type Rendered, renderApp, renderPart } from '../../test/render'
import { UserMenu } from './user-menu'

afterEach(() => act(() => chooseLanguage('en')))

async function open(user: Rendered['user'], ...items: string[]): Promise<void> {
  await user.click(await screen.findByRole('button', { name: /ada/ }))
  for (const name of items) await user.click(await screen.findByRole('menuitem', { name }))
}

/** With a key: a pointer's way into the second menu needs places, and here nothing has one. */
async function choose(user: Rendered['user'], name: string): Promise<void> {
  const choice = await screen.findByRole('menuitemcheckbox', { name })
  act(() => choice.focus())
  await user.keyboard('{Enter}')
}

test('leads to one’s own places; only administrators see theirs', async () => {
  const { user, address, unmount } = await renderPart(<UserMenu />, { me: somebody() })
  await open(user)
  expect(await screen.findByRole('menuitem', { name: 'Usage' })).toBeVisible()
  expect(screen.queryByRole('menuitem', { name: 'Administration' })).toBeNull()
  await user.click(screen.getByRole('menuitem', { name: 'API keys' }))
  await waitFor(() => expect(address()).toBe('/keys'))
  unmount()

  const admin = await renderPart(<UserMenu />, { me: administrator() })
  await open(admin.user, 'Administration')
  await waitFor(() => expect(admin.address()).toBe('/admin/providers'))
})

test('theme and language are chosen in it, and marked', async () => {
  const { user } = await renderPart(<UserMenu />)

  await open(user, 'Theme')
  await choose(user, 'Dark')
  expect(localStorage.getItem('pb.theme')).toBe('dark')
  await open(user, 'Theme')
  expect(await screen.findByRole('menuitemcheckbox', { name: 'Dark' })).toBeChecked()
  await user.keyboard('{Escape}')

  await open(user, 'Language')
  await choose(user, 'Deutsch')
  expect(await screen.findByRole('button', { name: /Nutzer|Benutzer/ })).toBeVisible()
  expect(localStorage.getItem('pb.language')).toBe('de')
})

test('signing out ends the session and leads to the sign-in, with no page of errors on the way', async () => {
  const errors = vi.spyOn(console, 'error')
  onTestFinished(() => errors.mockRestore())
  const ended = answers('post', '/api/v1/auth/logout', { signed_out: true as const })
  answers('get', '/api/v1/api-keys', { items: [], next_cursor: null })
  const { user, address } = await renderApp('/keys')

  await open(user, 'Sign out')

  expect(await screen.findByRole('heading', { name: 'Sign in to Patchbay' })).toBeVisible()
  expect(address()).toMatch(/^\/sign-in/)
  expect(ended).toHaveLength(1)
  expect(errors).not.toHaveBeenCalled()
})
