import type { Page } from '@playwright/test'
import { ask, chooseModel, expectDone, lastAnswer } from './chat'
import { expect } from './journey'

export interface Screen {
  name: string
  path: string
  /** Brings it to what is to be looked at. */
  prepare?: (page: Page) => Promise<void>
  /** Looked at by somebody who is not signed in. */
  isPublic?: true
}

const heading = (name: string) => async (page: Page) => {
  await expect(page.getByRole('heading', { name, exact: true })).toBeVisible()
}

async function openedPicker(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Model:/ }).click()
  await expect(page.getByRole('option').first()).toBeVisible()
}

async function askedModel(page: Page, model: string, question: string): Promise<void> {
  await chooseModel(page, `studio/${model}`)
  await ask(page, question)
}

export const SCREENS: readonly Screen[] = [
  { name: 'sign-in', path: 'sign-in', isPublic: true, prepare: heading('Sign in to Patchbay') },
  { name: 'welcome', path: 'welcome', prepare: heading('Welcome to Patchbay') },
  {
    name: 'chat-empty',
    path: '',
    prepare: (page) => expect(page.getByRole('heading', { name: /^Hello/ })).toBeVisible(),
  },
  {
    name: 'chat',
    path: '',
    prepare: async (page) => {
      await askedModel(page, 'steady', 'Explain it with code: style=markdown words=150 rate=2000')
      await expectDone(page)
    },
  },
  {
    name: 'chat-streaming',
    path: '',
    prepare: async (page) => {
      await askedModel(page, 'thinks', 'words=3000 rate=20')
      await expect(lastAnswer(page)).toContainText('w5')
    },
  },
  {
    name: 'chat-error',
    path: '',
    prepare: async (page) => {
      await askedModel(page, 'breaks', 'fault=cut after=12 rate=500')
      await expect(lastAnswer(page)).toContainText('broke off')
    },
  },
  { name: 'picker', path: '', prepare: openedPicker },
  {
    name: 'parameters',
    path: '',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Parameters' }).click()
      await expect(page.getByRole('textbox', { name: 'Temperature' })).toBeVisible()
    },
  },
  {
    name: 'palette',
    path: '',
    prepare: async (page) => {
      // The keys are listened to once the chat is there.
      await expect(page.getByRole('textbox').first()).toBeVisible()
      await page.keyboard.press('Control+K')
      await expect(page.getByRole('option').first()).toBeVisible()
    },
  },
  {
    name: 'compare',
    path: 'compare',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Your question' }).fill('Which of you counts: words=30 rate=300')
      await page.getByRole('button', { name: 'Send' }).click()
      await expect(page.getByRole('status').getByText('All answers are ready.')).toBeAttached({ timeout: 30_000 })
    },
  },
  { name: 'providers', path: 'admin/providers', prepare: heading('Providers') },
  {
    name: 'provider-test',
    path: 'admin/providers/new?preset=custom',
    prepare: async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('Studio')
      await page.getByLabel('Address').fill('http://127.0.0.1:9')
      await page.getByRole('button', { name: 'Test connection' }).click()
      await expect(page.getByRole('img', { name: 'Stopped here' })).toBeVisible()
    },
  },
  { name: 'models', path: 'admin/models', prepare: heading('Models') },
  { name: 'keys', path: 'keys', prepare: heading('API keys') },
  { name: 'users', path: 'admin/users', prepare: heading('Users') },
  { name: 'usage', path: 'usage', prepare: heading('Usage') },
  { name: 'audit', path: 'admin/audit', prepare: heading('Audit log') },
  { name: 'gateway-settings', path: 'admin/settings', prepare: heading('Gateway settings') },
  { name: 'health', path: 'admin/health', prepare: heading('Health') },
  { name: 'settings', path: 'settings', prepare: heading('Settings') },
]
