import type { Page } from '@playwright/test'
import { Api } from './support/api'
import { expectAccessible } from './support/axe'
import { ask, expectDone, lastAnswer, messageField } from './support/chat'
import { type Gateway, startGateway } from './support/gateway'
import { test as base, expect } from './support/journey'
import { plainEnvironment, start } from './support/program'

const PASSWORD = 'a password of this journey'
const LOAD_S = 2

interface Studio {
  baseUrl: string
  set(switches: Record<string, unknown>): Promise<void>
}

const test = base.extend<object, { own: Gateway; studio: Studio }>({
  /** A gateway of its own: nobody else is chatting with the model that is unloaded. */
  own: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
    async ({}, use) => {
      const gateway = await startGateway()
      const admin = await Api.as(gateway.url, 'admin', gateway.oneTimePassword)
      await admin.changePassword('admin', gateway.oneTimePassword, PASSWORD)
      await use(gateway)
      await gateway.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  /** tests/support/lmstudio: LM Studio 0.4.23 as it looks from outside. */
  studio: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
    async ({}, use) => {
      const env = { ...plainEnvironment(), PYTHONPATH: '.' }
      const program = await start(['.venv/bin/python', '-m', 'tests.support.lmstudio'], env, /\n/, 20_000)
      const url = `http://127.0.0.1:${JSON.parse(program.output).port}`
      const set = async (switches: Record<string, unknown>) => {
        const reply = await fetch(`${url}/_control`, { method: 'POST', body: JSON.stringify(switches) })
        if (!reply.ok) throw new Error(await reply.text())
      }
      await use({ baseUrl: `${url}/v1`, set })
      await program.stop()
    },
    { scope: 'worker' },
  ],
})

test.use({ as: 'nobody' })
test.describe.configure({ mode: 'default' })

async function signedIn(page: Page, gateway: Gateway): Promise<Api> {
  const data = { username: 'admin', password: PASSWORD }
  expect((await page.request.post(`${gateway.url}/api/v1/auth/login`, { data })).ok()).toBe(true)
  return Api.as(gateway.url, 'admin', PASSWORD)
}

async function openModels(page: Page, gateway: Gateway): Promise<void> {
  await page.goto(`${gateway.url}/admin/models`)
  await expect(page.getByRole('heading', { name: 'Models', exact: true })).toBeVisible()
}

async function chatted(page: Page, api: Api, gateway: Gateway, model: string): Promise<void> {
  const { id } = await api.call('POST', '/conversations', { model })
  await page.goto(`${gateway.url}/c/${id}`)
  await expect(messageField(page)).toBeVisible()
  await ask(page, 'Hello!')
  await expectDone(page)
  await expect(lastAnswer(page)).toContainText(/\w+ \w+/)
}

test('a model of LM Studio is loaded alone, watched, chatted with and unloaded', async ({ page, own, studio }) => {
  const api = await signedIn(page, own)
  await api.addProvider('studio', studio.baseUrl, { provider: 'lmstudio', name: 'Studio' })
  await api.call('POST', '/llm-providers/models/load', { model: 'studio/google/gemma-3-12b' })
  await studio.set({ load_s: LOAD_S })
  await openModels(page, own)
  await expect(page.getByRole('button', { name: 'Unload Gemma 3 12B' })).toBeVisible()

  await page.getByRole('button', { name: 'More for Qwen3 8B' }).click()
  await page.getByRole('menuitem', { name: 'Load with options' }).click()
  const form = page.getByRole('dialog', { name: 'Load Qwen3 8B' })
  await form.getByLabel('Context length, tokens').fill('8192')
  await form.getByLabel('Unload the others first').click()
  await form.getByRole('button', { name: 'Load', exact: true }).click()

  await expect(page.getByRole('progressbar', { name: 'Loading studio/qwen/qwen3-8b' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Unload Qwen3 8B' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Load Gemma 3 12B' })).toBeVisible()
  const row = page.getByRole('row', { name: /Qwen3 8B/ })
  await expect(row).toContainText('8k')

  await studio.set({ load_s: 0 })
  await chatted(page, api, own, 'studio/qwen/qwen3-8b')
  await openModels(page, own)
  await page.getByRole('button', { name: 'Unload Qwen3 8B' }).click()
  await expect(page.getByRole('button', { name: 'Load Qwen3 8B' })).toBeVisible()
})

test('a model is downloaded, and its way is seen', async ({ page, own, studio }) => {
  const api = await signedIn(page, own)
  await api.addProvider('second', studio.baseUrl, { provider: 'lmstudio', name: 'Second' })
  await studio.set({ download_s: 3 })
  await openModels(page, own)

  await page.getByRole('button', { name: 'Download model' }).click()
  const form = page.getByRole('dialog', { name: 'Download a model' })
  await form.getByLabel('To').click()
  await page.getByRole('option', { name: 'Second' }).click()
  await form.getByLabel('Model').fill('google/gemma-3-1b')
  await form.getByRole('button', { name: 'Download' }).click()

  const bar = page.getByRole('progressbar', { name: /^Downloading/ })
  await expect(bar).toHaveAttribute('aria-valuenow', /[1-9]/)
  await expect(page.getByRole('button', { name: 'Gemma 3 1B' }).first()).toBeVisible()
})

test('a model of the built-in engine is loaded, chatted with and unloaded', async ({ page, own }) => {
  const api = await signedIn(page, own)
  await openModels(page, own)

  await page.getByRole('button', { name: 'Load Patchbay toy' }).click()
  await expect(page.getByRole('button', { name: 'Unload Patchbay toy' })).toBeVisible()
  await chatted(page, api, own, 'local/patchbay-toy')
  await openModels(page, own)
  await page.getByRole('button', { name: 'Unload Patchbay toy' }).click()
  await expect(page.getByRole('button', { name: 'Load Patchbay toy' })).toBeVisible()
})

test('a schedule with load options is made from a model, and changed', async ({ page, own }) => {
  const api = await signedIn(page, own)
  await openModels(page, own)

  await page.getByRole('button', { name: 'More for Patchbay toy' }).click()
  await page.getByRole('menuitem', { name: 'Keep loaded by schedule' }).click()
  const form = page.getByRole('dialog', { name: 'Add a schedule' })
  await expect(form.getByRole('combobox', { name: 'Model' })).toHaveText('Patchbay toy')
  await form.getByRole('button', { name: 'Fri' }).click()
  await form.getByText('Load options').click()
  await form.getByLabel('Context length, tokens').fill('1024')
  await expectAccessible(page, 'the form of a schedule')
  await form.getByRole('button', { name: 'Add schedule' }).click()
  await expect(page.getByText('Mon–Thu · 08:00–18:00')).toBeVisible()

  await page.getByRole('button', { name: 'Edit the schedule of local/patchbay-toy' }).click()
  const change = page.getByRole('dialog', { name: 'Edit the schedule' })
  await change.getByLabel('CPU threads').fill('2')
  await change.getByRole('button', { name: 'Save' }).click()

  await expect(page.getByText('1,024 tokens of context · CPU threads: 2')).toBeVisible()
  // Nothing reaches below the window: the page scrolls in its own box alone.
  await page.setViewportSize({ width: 390, height: 600 })
  expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0)
  const [kept] = (await api.call('GET', '/model-schedules')).items
  expect(kept.load).toEqual({ exclusive: false, context_length: 1024, threads: 2 })
})
