import { lastAnswer } from './support/chat'
import { type Gateway, startGateway } from './support/gateway'
import { test as base, expect } from './support/journey'
import type { ModelServer, ModelServers } from './support/models'

/** Where these servers listen unless told otherwise; a developer may have one of them running. */
const NEIGHBOURS = [
  { vendor: 'lmstudio', name: 'LM Studio', port: 1234 },
  { vendor: 'ollama', name: 'Ollama', port: 11434 },
  { vendor: 'vllm', name: 'vLLM', port: 8000 },
]

const test = base.extend<{ fresh: Gateway }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
  fresh: async ({}, use) => {
    const gateway = await startGateway()
    await use(gateway)
    await gateway.stop()
  },
})

test.use({ as: 'nobody' })

async function moveIn(servers: ModelServers): Promise<{ name: string; server: ModelServer }> {
  for (const { vendor, name, port } of NEIGHBOURS) {
    const server = await servers.open({ port }).catch(() => null)
    if (server === null) continue
    await server.imitate(vendor)
    return { name, server }
  }
  throw new Error('every port of a model server is taken')
}

test('from the printed password to the first chat', async ({ page, fresh, servers }) => {
  const neighbour = await moveIn(servers)
  await page.goto(fresh.url)
  await page.getByLabel('Username').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill(fresh.oneTimePassword)
  await page.getByRole('button', { name: 'Sign in' }).click()

  await expect(page.getByRole('heading', { name: 'Welcome to Patchbay' })).toBeVisible()
  await page.getByLabel('New password').fill('a password for good')
  await page.getByRole('button', { name: 'Save password' }).click()
  await expect(page.getByText('Your password is set.')).toBeVisible()

  const found = page.getByRole('region', { name: 'On this machine' }).getByRole('listitem')
  const server = found.filter({ hasText: neighbour.name })
  await server.getByRole('button', { name: 'Add' }).click()
  await expect(server).toContainText('Added')
  await page.getByRole('button', { name: 'Start chatting' }).click()

  await page.getByRole('button', { name: 'What is 3 plus 4?' }).click()
  await expect(lastAnswer(page)).toContainText('3+4=7', { timeout: 30_000 })
  await expect(lastAnswer(page).getByRole('button', { name: /^What was sent/ })).toContainText('free')
  await neighbour.server.close()
})
