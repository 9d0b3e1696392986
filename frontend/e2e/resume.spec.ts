import { ask, expectDone, expectWords, lastAnswer, openChat, wordsOf } from './support/chat'
import { expect, test } from './support/journey'
import { Line } from './support/line'
import { numbered } from './support/models'

test('a reload in the middle of an answer shows all of it, each token once', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/thinks`)
  await ask(page, 'words=200 rate=40')
  await expect(lastAnswer(page)).toContainText('w10')

  await page.reload()
  await expect(lastAnswer(page)).toContainText('w60')
  await page.reload()
  await expectDone(page)

  await expectWords(lastAnswer(page), numbered(200))
})

test('a second tab follows the same answer', async ({ page, context, person, provider }) => {
  const id = await openChat(page, person, `${provider}/steady`)
  await ask(page, 'words=320 rate=40')
  await expect(lastAnswer(page)).toContainText('w10')
  const second = await context.newPage()
  await second.goto(`c/${id}`)

  await expect(lastAnswer(second)).toContainText('w40')
  await expect(second.getByRole('button', { name: 'Stop answering' })).toBeVisible()
  await expectDone(page)
  await expectDone(second)

  await expectWords(lastAnswer(page), numbered(320))
  await expectWords(lastAnswer(second), numbered(320))
})

test('a lost network loses no token and repeats none', async ({ page, context, url, person, provider }) => {
  const line = await Line.to(url)
  const { id } = await person.api.call('POST', '/conversations', { model: `${provider}/steady` })
  await page.goto(`${line.url}c/${id}`)
  await ask(page, 'words=240 rate=40')
  await expect(lastAnswer(page)).toContainText('w10')

  await context.setOffline(true)
  await line.cut()
  await expect(lastAnswer(page)).toContainText('The connection to the gateway is lost')
  expect((await wordsOf(lastAnswer(page))).length).toBeLessThan(200)
  await line.mend()
  await context.setOffline(false)

  await expect(lastAnswer(page)).not.toContainText('The connection to the gateway is lost')
  await expectDone(page)
  await expectWords(lastAnswer(page), numbered(240))
  await line.cut()
})

test('an answer goes on while nobody looks', async ({ page, person, provider }) => {
  const id = await openChat(page, person, `${provider}/steady`)
  await ask(page, 'words=60 rate=40')
  await expect(lastAnswer(page)).toContainText('w3')

  await page.goto('about:blank')
  await expect
    .poll(async () => (await person.api.call('GET', `/conversations/${id}`)).running, { timeout: 15_000 })
    .toEqual([])
  await page.goto(`c/${id}`)

  await expect(lastAnswer(page)).toContainText('w60')
  await expectWords(lastAnswer(page), numbered(60))
})
