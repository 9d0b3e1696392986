import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { Api } from './support/api'
import { expectAccessible } from './support/axe'
import { type Gateway, startGateway } from './support/gateway'
import { test as base, expect } from './support/journey'
import { ROOT } from './support/program'
import { SCREENS } from './support/screens'

/** To be looked at; those of the documentation are in pictures.spec.ts. */
const PICTURES = join(ROOT, 'frontend/test-results/pictures')
const WIDTHS = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }
const THEMES = ['light', 'dark'] as const
const PASSWORD = 'a password for pictures'

const test = base.extend<object, { furnished: Gateway }>({
  /** With users, conversations and a month of usage. */
  furnished: [
    async ({ servers }, use) => {
      const gateway = await startGateway()
      try {
        await gateway.command('seed-demo')
        const admin = await Api.as(gateway.url, 'admin', gateway.oneTimePassword)
        await admin.changePassword('admin', gateway.oneTimePassword, PASSWORD)
        const models = await servers.open()
        await admin.addProvider('studio', models.baseUrl, { provider: 'lmstudio', name: 'Studio' })
        await use(gateway)
      } finally {
        await gateway.stop()
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

test.use({ as: 'nobody' })
// One furnished gateway is enough for all of them.
test.describe.configure({ mode: 'default' })

async function look(page: Page, name: string, width: string): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    // What stands outside the window gets its style with the next frame.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    await expectAccessible(page, `${name}, ${theme}, ${width}`)
    await page.screenshot({ path: join(PICTURES, `${name}-${theme}-${width}.png`), animations: 'disabled' })
  }
}

for (const { name, path, prepare, isPublic = false } of SCREENS) {
  test(`${name} is accessible and fits`, async ({ page, furnished }) => {
    if (!isPublic) {
      const data = { username: 'admin', password: PASSWORD }
      expect((await page.request.post(`${furnished.url}/api/v1/auth/login`, { data })).ok()).toBe(true)
    }
    for (const [width, viewport] of Object.entries(WIDTHS)) {
      await page.setViewportSize(viewport)
      await page.goto(`${furnished.url}/${path}`)
      await prepare?.(page)
      await look(page, name, width)
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(overflow, `pixels beyond the edge, ${width}`).toBeLessThanOrEqual(0)
    }
  })
}
