import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Found } from '../../api/providers'
import { providerOf, reportOf } from '../../parts/ladder/provider-builder'
import { listedOf, modelOf } from '../../parts/model-picker/listed-builder'
import { administrator, answers, page } from '../../test/gateway'
import { renderPart } from '../../test/render'
import { ProvidersScreen } from './providers-screen'

const FOUND: Found = {
  name: 'Ollama',
  base_url: 'http://localhost:11434/v1',
  preset: 'ollama',
  provider: 'ollama',
  models_count: 2,
  detail: '',
}

function gateway({ found = [] as Found[], providers = [providerOf('studio', { name: 'Studio' })] } = {}): void {
  answers('get', '/api/v1/llm-providers', () => page(providers))
  answers('get', '/api/v1/llm-providers/models', listedOf([modelOf('studio/qwen'), modelOf('studio/seer')]))
  answers('get', '/api/v1/llm-providers/discover', { items: found })
  answers('get', '/api/v1/usage/series', {
    from: '2026-11-20T10:00:00Z',
    to: '2026-11-21T10:00:00Z',
    group_by: 'provider',
    interval: 'hour',
    series: [],
  })
}

test('a card says how its provider is, and tests it where it stands', async () => {
  const { status } = providerOf('studio')
  const down = { ...status, state: 'down' as const, message: 'Nothing listens there.' }
  gateway({ providers: [providerOf('studio', { name: 'Studio', status: down })] })
  answers(
    'post',
    '/api/v1/llm-providers/{id}/test',
    reportOf({ ok: false, message: 'Start its server.', steps: [{ step: 'connect', ok: false, ms: 2, detail: '' }] }),
  )
  const { user } = await renderPart(<ProvidersScreen />, { me: administrator() })
  const card = within(await screen.findByRole('article', { name: 'Studio' }))
  expect(card.getByText('Not answering')).toBeVisible()
  expect(card.getByText('Nothing listens there.')).toBeVisible()
  expect(await card.findByText('2 models')).toBeVisible()

  await user.click(card.getByRole('button', { name: 'Test' }))

  expect(await card.findByText('Start its server.')).toBeVisible()
})

test('deleting one needs its name to be typed', async () => {
  let providers = [providerOf('studio', { name: 'Studio' })]
  gateway({ providers })
  answers('get', '/api/v1/llm-providers', () => page(providers))
  const deleted = answers('delete', '/api/v1/llm-providers/{id}', () => {
    providers = []
    return { deleted: true as const, id: 'studio' }
  })
  const { user } = await renderPart(<ProvidersScreen />, { me: administrator() })
  await user.click(await screen.findByRole('button', { name: 'More for Studio' }))
  await user.click(await screen.findByRole('menuitem', { name: 'Delete provider' }))
  const asked = within(await screen.findByRole('dialog', { name: 'Delete Studio?' }))
  const yes = asked.getByRole('button', { name: 'Delete provider' })

  await user.type(asked.getByRole('textbox', { name: 'Type Studio to confirm' }), 'Studi')
  expect(yes).toBeDisabled()
  await user.keyboard('o')
  await user.click(yes)

  expect(await screen.findByText('No providers yet')).toBeVisible()
  expect(deleted[0]?.params).toEqual({ id: 'studio' })
})

test('only a server that is not added yet is offered', async () => {
  gateway({
    found: [FOUND, { ...FOUND, name: 'LM Studio', base_url: 'http://localhost:1234/v1' }],
    providers: [providerOf('studio', { base_url: 'http://localhost:1234/v1' })],
  })
  const { user, address } = await renderPart(<ProvidersScreen />, { me: administrator() })
  await screen.findByRole('article', { name: 'studio' })
  expect(await screen.findByText('Ollama')).toBeVisible()
  expect(screen.queryByText('LM Studio')).toBeNull()

  const found = within(screen.getByText('Ollama').closest('li') as HTMLElement)
  await user.click(found.getByRole('link', { name: 'Add provider' }))

  expect(address()).toContain('/admin/providers/new?preset=ollama&address=')
})
