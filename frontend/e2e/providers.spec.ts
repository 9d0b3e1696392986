import { chooseModel } from './support/chat'
import { expect, test, unique } from './support/journey'

test.use({ as: 'admin' })

test('a provider is added with a wrong address, which the test repairs', async ({ page, models, admin }) => {
  const name = unique('repaired')
  await page.goto('admin/providers')
  await page.getByRole('link', { name: 'Add provider' }).click()
  await page
    .getByRole('region', { name: 'What is it?' })
    .getByRole('button', { name: /OpenAI-compatible|Custom/i })
    .click()
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Address').fill(models.url)

  await page.getByRole('button', { name: 'Test connection' }).click()
  const ladder = page.getByRole('status').filter({ hasText: models.baseUrl })
  await ladder.getByRole('button', { name: 'Use that' }).click()
  await expect(page.getByLabel('Address')).toHaveValue(models.baseUrl)
  await expect(page.getByRole('status').filter({ hasText: 'Models' })).toContainText(/8 models/)
  await page.getByRole('button', { name: 'Add provider' }).click()

  const card = page.getByRole('article', { name })
  await expect(card).toContainText('Answering')
  await expect(card).toContainText('9 models')
  await page.goto('.')
  await chooseModel(page, `${name}/steady`)
  await admin.call('DELETE', `/llm-providers/${name}`)
})

test('a provider that is down says so on its card, and that it is back', async ({ page, provider, models }) => {
  await page.goto('admin/providers')
  const card = page.getByRole('article', { name: provider })
  await models.goDown()
  await card.getByRole('button', { name: 'Test' }).click()
  await expect(card.getByRole('img', { name: 'Stopped here' })).toBeVisible()
  await expect(card).toContainText('Not answering', { timeout: 20_000 })

  await models.comeBack()
  await card.getByRole('button', { name: 'Test' }).click()
  await expect(card).toContainText('Answering', { timeout: 20_000 })
})

test('a change is kept in the history and can be taken back', async ({ page, provider, models }) => {
  await page.goto(`admin/providers/${provider}`)
  await page.getByLabel('Address').fill(`${models.url}/elsewhere/v1`)
  await page.getByRole('button', { name: 'Save' }).click()
  const card = page.getByRole('article', { name: provider })
  await expect(card).toContainText('/elsewhere/v1')

  await page.getByRole('button', { name: `More for ${provider}` }).click()
  await page.getByRole('menuitem', { name: 'History' }).click()
  await page.getByRole('button', { name: 'Back to this' }).last().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Back to this' }).last().click()
  await expect(card).not.toContainText('/elsewhere/v1')
})
