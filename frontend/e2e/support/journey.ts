import { test as base, expect, type Page } from '@playwright/test'
import { Api } from './api'
import { type ModelServer, ModelServers } from './models'
import { ADMIN } from './set-up'

const PASSWORD = 'a password of this journey'

/** Somebody who may sign in. */
export interface Person {
  username: string
  password: string
  api: Api
}

interface Here {
  /** An ordinary user of this test's own. */
  person: Person
  /** A page where `person` is signed in. */
  page: Page
  /** A model server of this test's own. */
  models: ModelServer
  /** A new provider that leads to `models`: its slug. */
  provider: string
}

interface Everywhere {
  url: string
  admin: Api
  servers: ModelServers
}

export { expect }

export const test = base.extend<Here & { as: 'person' | 'admin' | 'nobody' }, Everywhere>({
  /** Who is signed in on `page`: `test.use({ as: 'admin' })`. */
  as: ['person', { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
  url: [async ({}, use) => use(needed('PATCHBAY_E2E_URL')), { scope: 'worker' }],
  admin: [async ({ url }, use) => use(await Api.as(url, ADMIN.username, ADMIN.password)), { scope: 'worker' }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
  servers: [async ({}, use) => use(new ModelServers(Number(needed('PATCHBAY_E2E_MODELS')))), { scope: 'worker' }],

  baseURL: async ({ url }, use) => use(`${url}/`),

  person: async ({ url, admin }, use) => {
    const username = unique('person')
    await admin.call('POST', '/users', { username, password: PASSWORD, must_change_password: false })
    await use({ username, password: PASSWORD, api: await Api.as(url, username, PASSWORD) })
  },

  models: async ({ servers }, use) => {
    const server = await servers.open()
    await use(server)
    await server.close()
  },

  provider: async ({ admin, models }, use) => {
    const slug = await admin.addProvider(unique('own'), models.baseUrl)
    await use(slug)
    await admin.call('DELETE', `/llm-providers/${slug}`)
  },

  page: async ({ page, as, person }, use) => {
    if (as !== 'nobody') {
      const { username, password } = as === 'admin' ? ADMIN : person
      // The browser gets the cookie that keeps people signed in, as from the sign-in page.
      const signedIn = await page.request.post('api/v1/auth/login', { data: { username, password } })
      expect(signedIn.ok()).toBe(true)
    }
    await use(page)
  },
})

export function unique(word: string): string {
  return `${word}-${Math.random().toString(36).slice(2, 8)}`
}

function needed(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is missing: the set-up has not run`)
  return value
}
