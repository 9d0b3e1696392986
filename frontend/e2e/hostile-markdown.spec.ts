import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { ask, expectDone, lastAnswer, messageField, openChat } from './support/chat'
import { expect, test } from './support/journey'
import { ROOT } from './support/program'

const FOLDER = join(ROOT, 'frontend/src/ui/markdown/hostile')

/** Whatever a page does that an answer must never make it do. */
async function watched(page: Page, url: string): Promise<string[]> {
  const seen: string[] = []
  page.on('request', (request) => {
    const own = request.url().startsWith(`${url}/`) || /^(?:data|blob):/.test(request.url())
    if (!own) seen.push(`request ${request.url()}`)
  })
  page.on('dialog', async (dialog) => {
    seen.push(`dialog ${dialog.message()}`)
    await dialog.dismiss()
  })
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) seen.push(`refused ${message.text()}`)
  })
  page.on('popup', (popup) => seen.push(`window ${popup.url()}`))
  page.on('pageerror', (error) => seen.push(`error ${error.message}`))
  page.on('frameattached', (frame) => seen.push(`frame ${frame.url()}`))
  return seen
}

/** Elements that stand, or could be hit, outside of the answers. */
async function escaped(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    for (const element of document.querySelectorAll('.md *'))
      if (['fixed', 'sticky'].includes(getComputedStyle(element).position)) found.push(`fixed ${element.outerHTML}`)
    for (let x = 8; x < innerWidth; x += 40) {
      for (let y = 8; y < innerHeight; y += 40) {
        const box = document.elementFromPoint(x, y)?.closest('.md')?.getBoundingClientRect()
        if (box && (x < box.left - 9 || x > box.right + 9 || y < box.top - 9 || y > box.bottom + 9))
          found.push(`outside at ${x}, ${y}`)
      }
    }
    return found
  })
}

for (const name of readdirSync(FOLDER)) {
  test(`${name} stays text in its box, while it streams, when it is whole and after a reload`, async ({
    page,
    url,
    person,
    provider,
  }) => {
    const seen = await watched(page, url)
    await openChat(page, person, `${provider}/echo`)
    const address = page.url()

    await ask(page, `rate=400 Say exactly:\n${readFileSync(join(FOLDER, name), 'utf8')}`)
    await expectDone(page)
    for (const turn of ['whole', 'reloaded']) {
      if (turn === 'reloaded') await page.reload()
      await expect(lastAnswer(page).locator('.md h2').first()).toBeVisible()
      if (name === 'formulas.md') await expect(lastAnswer(page).locator('.katex').first()).toBeAttached()
      await expect(messageField(page)).toBeVisible()
      expect(await escaped(page), turn).toEqual([])
    }

    expect(page.url()).toBe(address)
    expect(await page.evaluate(() => '__hostile' in window)).toBe(false)
    expect(seen).toEqual([])
  })
}
