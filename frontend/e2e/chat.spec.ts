import {
  answers,
  ask,
  chooseModel,
  expectDone,
  expectWords,
  lastAnswer,
  messageField,
  openChat,
  wordsOf,
} from './support/chat'
import { expect, test } from './support/journey'
import { numbered } from './support/models'

test('an answer streams, tells what it took and what was sent', async ({ page, provider, models }) => {
  await page.goto('.')
  await chooseModel(page, `${provider}/steady`)
  await ask(page, 'Count, please: words=80 rate=40')

  const answer = lastAnswer(page)
  await expect(answer).toContainText('w5')
  await expect(answer).not.toContainText('w80')
  await expect(page).toHaveURL(/\/c\//)
  await expect(page).toHaveTitle(/Count, please/)
  await expectDone(page)

  await expectWords(answer, numbered(80))
  await expect(answer.getByText(`steady`)).toBeVisible()
  await expect(page.getByRole('status').getByText('Answer ready')).toBeAttached()
  await answer.getByRole('button', { name: /80 tokens.*tok\/s/ }).click()
  const details = page.getByRole('dialog', { name: 'Behind this answer' })
  await expect(details.locator('pre')).toContainText('"content": "Count, please: words=80 rate=40"')
  const [sent] = await models.chats()
  expect(JSON.parse((await details.locator('pre').textContent()) ?? '')).toEqual(sent)
})

test('stopping keeps the text and hangs up on the provider', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/steady`)
  await ask(page, 'words=2000 rate=50')
  await expect(lastAnswer(page)).toContainText('w20')

  await page.getByRole('button', { name: 'Stop answering' }).click()

  const answer = lastAnswer(page)
  await expect(answer.getByText('Stopped')).toBeVisible()
  const kept = await wordsOf(answer)
  expect(kept).toEqual(numbered(kept.length))
  await page.reload()
  await expect(lastAnswer(page).getByText('Stopped')).toBeVisible()
  await expectWords(lastAnswer(page), kept)
})

test('a thought is folded away with its time, a tool call is shown', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/thinks`)
  await ask(page, 'words=3 rate=100')
  const answer = lastAnswer(page)
  await expectDone(page)
  await expectWords(answer, numbered(3))
  await answer.getByRole('button', { name: /^Thought for/ }).click()
  await expectWords(answer, [...numbered(20, 'r'), ...numbered(3)])

  await chooseModel(page, `${provider}/tools`)
  await ask(page, 'Look it up')
  await expect(lastAnswer(page)).toContainText('look_up')
  await expect(lastAnswer(page)).toContainText('"word": "patch bay"')
})

test('the answer names the model that really answered', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/liar`)
  await ask(page, 'words=3')

  await expect(lastAnswer(page)).toContainText('quite-another-model')
  await expect(lastAnswer(page)).toContainText(`asked for ${provider}/liar`)
})

test('an answer that breaks off keeps its text and can be tried again', async ({ page, person, provider, models }) => {
  await openChat(page, person, `${provider}/breaks`)
  await ask(page, 'fault=cut after=12 words=40 rate=100')

  const answer = lastAnswer(page)
  await expect(answer).toContainText('broke off in the middle of the answer')
  await expectWords(answer, numbered(12))
  await answer.getByText('Details', { exact: true }).click()
  await expect(answer).toContainText('stream_cut')

  await answer.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(async () => (await models.chats()).length).toBe(2)
  await expect(lastAnswer(page)).toContainText('broke off in the middle of the answer')
  await expect(page.getByRole('group', { name: 'Versions' })).toContainText('2/2')
})

test('the next message waits for the answer that runs', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/steady`)
  await ask(page, 'First: words=160 rate=40')
  await expect(lastAnswer(page)).toContainText('w3')

  await messageField(page).fill('Second: words=5')
  await page.getByRole('button', { name: 'Send after this answer' }).click()
  await expect(page.getByRole('region', { name: 'Messages that wait' })).toContainText('Second: words=5')

  await expect(answers(page)).toHaveCount(2)
  await expectDone(page)
  await expectWords(answers(page).first(), numbered(160))
  await expectWords(lastAnswer(page), numbered(5))
})

test('a draft survives a reload', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/steady`)
  await messageField(page).fill('half a thought')
  await page.reload()

  await expect(messageField(page)).toHaveValue('half a thought')
})
