import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { Api } from './support/api'
import { type Gateway, startGateway } from './support/gateway'
import { test as base, expect } from './support/journey'
import { ROOT } from './support/program'

/** `PICTURES=1` writes those of the documentation again; else they only have to come about. */
const PICTURES = join(ROOT, process.env.PICTURES ? 'docs/screenshots' : 'frontend/test-results/documentation')
const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
const PASSWORD = 'a password for pictures'
/** As LM Studio lists them. */
const MODELS = [
  { id: 'qwen3-8b', type: 'llm', arch: 'qwen3', state: 'loaded', loaded_context_length: 16384 },
  { id: 'gemma-3-12b', type: 'vlm', arch: 'gemma3', state: 'loaded', loaded_context_length: 8192 },
  { id: 'mistral-small-24b', type: 'llm', arch: 'mistral', state: 'not-loaded', capabilities: ['tool_use'] },
  { id: 'phi-4-mini', type: 'llm', arch: 'phi4', state: 'not-loaded' },
  { id: 'nomic-embed-text', type: 'embeddings', arch: 'nomic-bert', state: 'loaded' },
].map((model) => ({ object: 'model', quantization: 'Q4_K_M', max_context_length: 32768, ...model }))

const test = base.extend<object, { furnished: Gateway }>({
  /** The demo's people, conversations and usage, and a server behind its LM Studio. */
  furnished: [
    async ({ servers }, use) => {
      const gateway = await startGateway()
      try {
        const told = await gateway.command('seed-demo')
        const ada = await Api.as(gateway.url, 'demo-ada', /password {2}(\S+)/.exec(told)?.[1] ?? '')
        await ada.changePassword('demo-ada', /password {2}(\S+)/.exec(told)?.[1] ?? '', PASSWORD)
        const admin = await Api.as(gateway.url, 'admin', gateway.oneTimePassword)
        await admin.changePassword('admin', gateway.oneTimePassword, PASSWORD)
        const studio = await servers.open()
        await studio.willAnswer('GET /api/v0/models', { object: 'list', data: MODELS })
        await admin.call('PATCH', '/llm-providers/demo-lm-studio', { base_url: studio.baseUrl, enabled: true })
        await use(gateway)
      } finally {
        await gateway.stop()
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

test.use({ as: 'nobody' })
test.describe.configure({ mode: 'default' })

async function signedIn(page: Page, gateway: Gateway, username: string): Promise<void> {
  const data = { username, password: PASSWORD }
  expect((await page.request.post(`${gateway.url}/api/v1/auth/login`, { data })).ok()).toBe(true)
}

async function taken(page: Page, name: string, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' })
}

async function openConversation(page: Page, gateway: Gateway, title: string): Promise<void> {
  await page.goto(`${gateway.url}/`)
  await page.getByRole('link', { name: title }).click()
  await expect(page.getByRole('article', { name: 'Answer' }).last()).toBeVisible()
  await page.getByRole('textbox', { name: 'Message', exact: true }).blur()
}

test('a conversation', async ({ page, furnished }) => {
  await signedIn(page, furnished, 'demo-ada')
  await page.setViewportSize(DESKTOP)
  await openConversation(page, furnished, 'Retry a call')
  await expect(page.getByRole('button', { name: /^Model:/ })).toContainText('loaded')
  await taken(page, 'chat-light', 'light')
  await taken(page, 'chat-dark', 'dark')
  await page.getByRole('button', { name: /^Model:/ }).click()
  await expect(page.getByRole('option', { name: /phi-4-mini/ })).toBeVisible()
  await taken(page, 'picker-light', 'light')
  await taken(page, 'picker-dark', 'dark')
})

test('a conversation on a phone', async ({ page, furnished }) => {
  await signedIn(page, furnished, 'demo-ada')
  await page.setViewportSize(DESKTOP)
  await openConversation(page, furnished, 'Why divide by')
  await expect(page.locator('.katex').first()).toBeVisible()
  await page.setViewportSize(PHONE)
  await taken(page, 'chat-phone', 'light')
})

for (const [name, path, heading] of [
  ['usage', 'usage', 'Usage'],
  ['providers', 'admin/providers', 'Providers'],
  ['models', 'admin/models', 'Models'],
] as const) {
  test(`administration: ${name}`, async ({ page, furnished }) => {
    await signedIn(page, furnished, 'admin')
    await page.setViewportSize(DESKTOP)
    await page.goto(`${furnished.url}/${path}`)
    await expect(page.getByRole('heading', { name: heading, exact: true })).toBeVisible()
    await page.waitForLoadState('networkidle')
    await taken(page, `${name}-light`, 'light')
    await taken(page, `${name}-dark`, 'dark')
  })
}
