import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, test } from 'vitest'
import type { Provider } from '../../api/providers'
import { presetOf, providerOf, reportOf } from '../../parts/ladder/provider-builder'
import { listedOf } from '../../parts/model-picker/listed-builder'
import { administrator, answers, page, refuses } from '../../test/gateway'
import { type Rendered, renderApp } from '../../test/render'

const GROQ = presetOf('groq', {
  label: 'Groq',
  base_url: 'https://api.groq.com/openai/v1',
  provider: 'groq',
  needs_key: true,
})
const STUDIO = presetOf('lmstudio', { label: 'LM Studio', base_url: 'http://localhost:1234/v1', provider: 'lmstudio' })
const STORED = providerOf('studio', {
  name: 'Studio',
  base_url: 'http://studio.lan:1234/v1',
  has_api_key: true,
  version: 4,
})

function adding(): Promise<Rendered> {
  answers('get', '/api/v1/llm-providers/presets', { items: [GROQ, STUDIO] })
  answers('get', '/api/v1/llm-providers/models', listedOf([]))
  return renderApp('/admin/providers/new', { me: administrator() })
}

function editing(stored: Provider = STORED): Promise<Rendered> {
  answers('get', '/api/v1/llm-providers/{id}', stored)
  answers('get', '/api/v1/llm-providers/models', listedOf([]))
  return renderApp(`/admin/providers/${stored.slug}`, { me: administrator() })
}

function address(): Promise<HTMLElement> {
  return screen.findByRole('textbox', { name: 'Address' })
}

async function rewrite(user: Rendered['user'], field: HTMLElement, text: string): Promise<void> {
  await user.clear(field)
  await user.click(field)
  await user.paste(text)
}

describe('a new provider', () => {
  test('begins with a template that fills in what it knows', async () => {
    const { user } = await adding()

    await user.click(await screen.findByRole('button', { name: /^Groq/ }))
    expect(await address()).toHaveValue('https://api.groq.com/openai/v1')
    expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Groq')
    expect(screen.getByLabelText('API key')).toHaveValue('')

    await user.click(screen.getByRole('button', { name: /^LM Studio/ }))
    await waitFor(async () => expect(await address()).toHaveValue('http://localhost:1234/v1'))
    expect(screen.getByLabelText('API key (if it wants one)')).toBeVisible()
  })

  test('is tested step by step; an address that works is taken over and tested again', async () => {
    const tested = answers('post', '/api/v1/llm-providers/test', ({ body }) =>
      (body as { base_url: string }).base_url.endsWith('/v1')
        ? reportOf({ message: 'It answers with 2 models.', steps: [{ step: 'models', ok: true, ms: 9, detail: '' }] })
        : reportOf({
            ok: false,
            message: 'The API begins somewhere else.',
            repair: { base_url: 'http://localhost:4321/v1' },
            steps: [
              { step: 'connect', ok: true, ms: 3, detail: '' },
              { step: 'http', ok: false, ms: 5, detail: '404' },
            ],
          }),
    )
    const { user } = await adding()
    await user.click(await screen.findByRole('button', { name: /^LM Studio/ }))
    await rewrite(user, await address(), 'http://localhost:4321')

    await user.click(screen.getByRole('button', { name: 'Test connection' }))
    expect(await screen.findByText('The API begins somewhere else.')).toBeVisible()
    const ladder = within(screen.getByText('The API begins somewhere else.').closest('[role=status]') as HTMLElement)
    const [connection, http] = ladder.getAllByRole('listitem')
    expect(within(connection as HTMLElement).getByLabelText('Passed')).toBeVisible()
    expect(within(http as HTMLElement).getByLabelText('Stopped here')).toBeVisible()
    await user.click(ladder.getByRole('button', { name: 'Use that' }))

    expect(await screen.findByText('It answers with 2 models.')).toBeVisible()
    expect(await address()).toHaveValue('http://localhost:4321/v1')
    expect(tested.map(({ body }) => (body as { base_url: string }).base_url)).toEqual([
      'http://localhost:4321',
      'http://localhost:4321/v1',
    ])
  })
})

describe('a stored provider', () => {
  test('says that its key will be lost once the address leads to another server', async () => {
    const { user } = await editing()
    expect(await screen.findByText('A key is stored. It is not shown.')).toBeVisible()

    await rewrite(user, await address(), 'http://studio.lan:1234/api/v1')
    expect(screen.getByText('A key is stored. It is not shown.')).toBeVisible()
    await rewrite(user, await address(), 'http://elsewhere.lan:1234/v1')

    const key = screen.getByLabelText('API key (if it wants one)')
    expect(key).toHaveAccessibleDescription(/the stored key will be removed/)
  })

  test('sends only what was changed, with the version that was looked at', async () => {
    answers('get', '/api/v1/llm-providers', page<Provider>([]))
    answers('get', '/api/v1/llm-providers/discover', { items: [] })
    const changed = answers('patch', '/api/v1/llm-providers/{id}', {
      ...STORED,
      name: 'Cellar',
      notices: ['Its models are asked for anew.'],
    })
    const { user } = await editing()
    await rewrite(user, await screen.findByRole('textbox', { name: 'Name' }), 'Cellar')

    await user.click(screen.getByRole('button', { name: 'Save' }))

    expect(await screen.findByText('Saved Cellar. Its models are asked for anew.')).toBeVisible()
    expect(changed[0]?.body).toEqual({ name: 'Cellar' })
    expect(changed[0]?.headers.get('If-Match')).toBe('"4"')
  })

  test('that somebody else changed in the meantime can be loaded anew', async () => {
    const { user } = await editing()
    refuses('patch', '/api/v1/llm-providers/{id}', 412, { code: 'version_mismatch' })
    await rewrite(user, await screen.findByRole('textbox', { name: 'Name' }), 'Cellar')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Somebody else changed this provider in the meantime.')

    answers('get', '/api/v1/llm-providers/{id}', { ...STORED, name: 'Attic', version: 5 })
    await user.click(screen.getByRole('button', { name: 'Load the newer version' }))

    await waitFor(() => expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Attic'))
    expect(screen.queryByRole('alert')).toBeNull()
  })

  test('what was refused is said at its field, though it is folded away', async () => {
    const { user } = await editing()
    refuses('patch', '/api/v1/llm-providers/{id}', 422, {
      code: 'validation_failed',
      details: [{ field: 'proxy_url', problem: 'There is no such host.' }],
    })
    await rewrite(user, await screen.findByRole('textbox', { name: 'Name' }), 'Cellar')

    await user.click(screen.getByRole('button', { name: 'Save' }))

    expect(await screen.findByRole('alert')).toHaveTextContent('Some fields need another look.')
    expect(screen.getByRole('textbox', { name: 'Proxy' })).toHaveAccessibleDescription(/There is no such host\./)
    expect(screen.getByText('Time limits, headers, proxy').closest('details')).toHaveAttribute('open')
  })
})
