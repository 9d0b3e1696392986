import { chooseModel, expectDone, expectWords, lastAnswer, messageField } from './support/chat'
import { expect, test } from './support/journey'
import { numbered } from './support/models'

test('a chat on a phone: model, answer, list, parameters', async ({ page, provider }) => {
  await page.goto('.')
  await chooseModel(page, `${provider}/steady`)
  await messageField(page).fill('By thumb: words=30')
  await page.getByRole('button', { name: 'Send', exact: true }).tap()
  await expectDone(page)
  await expectWords(lastAnswer(page), numbered(30))

  await page.getByRole('button', { name: 'Parameters' }).tap()
  await expect(page.getByRole('dialog', { name: 'Parameters' })).toBeVisible()
  await page.getByRole('dialog', { name: 'Parameters' }).getByRole('button', { name: 'Close' }).tap()

  await page.getByRole('button', { name: 'Show the sidebar' }).tap()
  const sidebar = page.getByRole('dialog', { name: 'Sidebar' })
  await sidebar.getByRole('link', { name: 'New chat' }).tap()
  await expect(sidebar).toBeHidden()
  await page.getByRole('button', { name: 'Show the sidebar' }).tap()
  await sidebar.getByRole('link', { name: /By thumb/ }).tap()
  await expectWords(lastAnswer(page), numbered(30))
})

test('the columns of a comparison are tabs on a phone', async ({ page, person, provider }) => {
  const columns = ['steady', 'echo'].map((model) => ({ model: `${provider}/${model}`, message_id: null }))
  const { id } = await person.api.call('POST', '/conversations', { compare: { columns } })
  await page.goto(`compare/${id}`)
  await page.getByRole('textbox', { name: 'Your question' }).fill('words=5')
  await page.getByRole('button', { name: 'Send' }).tap()

  await expect(page.getByRole('article', { name: 'steady' })).toContainText('w5')
  await page.getByRole('tab', { name: /echo/ }).tap()
  await expect(page.getByRole('article', { name: 'echo' })).toContainText('words=5')
})
