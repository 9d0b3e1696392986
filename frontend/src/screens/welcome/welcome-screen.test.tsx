import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Found, Preset, Provider } from '../../api/providers'
import { presetOf, providerOf, reportOf } from '../../parts/ladder/provider-builder'
import { administrator, answers, page, refuses, somebody } from '../../test/gateway'
import { renderApp } from '../../test/render'

const FOUND: Found = {
  name: 'LM Studio',
  base_url: 'http://localhost:1234/v1',
  preset: 'lmstudio',
  provider: 'lmstudio',
  models_count: 3,
  detail: '',
}
const GROQ = presetOf('groq', {
  label: 'Groq',
  base_url: 'https://api.groq.com/openai/v1',
  provider: 'groq',
  needs_key: true,
})

function machine({ found = [], presets = [] }: { found?: Found[]; presets?: Preset[] } = {}): void {
  answers('get', '/api/v1/llm-providers/discover', { items: found })
  answers('get', '/api/v1/llm-providers/presets', { items: presets })
  answers('get', '/api/v1/llm-providers', page<Provider>([]))
}

test('the password comes first: nothing else can be done before', async () => {
  machine()
  refuses('post', '/api/v1/auth/change-password', 400, {
    code: 'invalid_request',
    details: [{ field: 'current_password', problem: 'is not right' }],
  })
  const me = administrator({ must_change_password: true })
  const { user } = await renderApp('/welcome', { me })
  expect(screen.queryByRole('button', { name: 'Look again' })).toBeNull()
  expect(screen.queryByRole('button', { name: 'Continue with the demo engine' })).toBeNull()

  const typed = screen.getByLabelText('One-time password')
  await user.type(typed, 'mistyped')
  await user.type(screen.getByLabelText('New password'), 'correct horse{Enter}')
  await waitFor(() => expect(typed).toHaveAccessibleDescription(/^That isn’t the one-time password/))

  const changed = answers('post', '/api/v1/auth/change-password', administrator())
  await user.clear(typed)
  await user.type(typed, 'printed-once{Enter}')

  expect(await screen.findByText('Your password is set.')).toBeVisible()
  expect(changed[0]?.body).toEqual({ current_password: 'printed-once', new_password: 'correct horse' })
  expect(screen.getByRole('button', { name: 'Look again' })).toBeVisible()
  expect(screen.getByRole('button', { name: 'Continue with the demo engine' })).toBeVisible()
})

test('a server that was found is added with one press', async () => {
  machine({ found: [FOUND] })
  const created = answers('post', '/api/v1/llm-providers', { ...providerOf('lmstudio'), notices: [] })
  const { user } = await renderApp('/welcome', { me: administrator() })
  const servers = within(screen.getByRole('region', { name: 'On this machine' }))

  expect(await servers.findByText('http://localhost:1234/v1')).toBeVisible()
  expect(servers.getByText(/3 models/)).toBeVisible()
  await user.click(servers.getByRole('button', { name: 'Add' }))

  expect(await servers.findByText('Added')).toBeVisible()
  expect(created[0]?.body).toEqual({
    provider: 'lmstudio',
    name: 'LM Studio',
    base_url: 'http://localhost:1234/v1',
    preset: 'lmstudio',
  })
  expect(screen.getByRole('button', { name: 'Start chatting' })).toBeVisible()
  expect(screen.getByText(/^1 provider was added\./)).toBeVisible()
})

test('a key is tested first: only one that works is added', async () => {
  machine({ presets: [GROQ] })
  const created = answers('post', '/api/v1/llm-providers', { ...providerOf('groq', { name: 'Groq' }), notices: [] })
  const refused = reportOf({
    ok: false,
    message: 'Groq does not know this key.',
    diagnosis: 'key_refused',
    steps: [
      { step: 'http', ok: true, ms: 12, detail: '' },
      { step: 'auth', ok: false, ms: 30, detail: '401' },
    ],
  })
  answers('post', '/api/v1/llm-providers/test', refused)
  const { user } = await renderApp('/welcome', { me: administrator() })
  const key = await screen.findByLabelText('Groq key')

  await user.type(key, ' gsk-wrong {Enter}')
  expect(await screen.findByText('Groq does not know this key.')).toBeVisible()
  expect(screen.getByLabelText('Stopped here').closest('li')).toHaveTextContent('Key')
  expect(created).toHaveLength(0)

  const tested = answers('post', '/api/v1/llm-providers/test', reportOf())
  await user.clear(key)
  await user.type(key, 'gsk-right{Enter}')

  expect(await screen.findByText('Groq is ready.')).toBeVisible()
  expect(tested[0]?.body).toMatchObject({ api_key: 'gsk-right', completion: false })
  expect(created[0]?.body).toMatchObject({ api_key: 'gsk-right', preset: 'groq', base_url: GROQ.base_url })
  expect(key).toHaveValue('')
})

test('a person without the right to add models hears who adds them', async () => {
  await renderApp('/welcome', { me: somebody() })

  expect(screen.getByText('Your administrator adds models.')).toBeVisible()
  expect(screen.queryByRole('region', { name: 'On this machine' })).toBeNull()
})
