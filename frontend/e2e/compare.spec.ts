import { chooseModel, expectWords, wordsOf } from './support/chat'
import { expect, test } from './support/journey'
import { numbered } from './support/models'

test('two models answer side by side, one is stopped, the other wins', async ({ page, provider }) => {
  await page.goto('compare')
  const pickers = page.getByRole('button', { name: /^Model:/ })
  await expect(pickers).toHaveCount(2)
  await chooseModel(page, `${provider}/steady`, pickers.nth(0).locator('..'))
  await chooseModel(page, `${provider}/thinks`, pickers.nth(1).locator('..'))

  await page.getByRole('textbox', { name: 'Your question' }).fill('Count to it: words=300 rate=50')
  await page.getByRole('button', { name: 'Send' }).click()
  const steady = page.getByRole('article', { name: 'steady' })
  const thinks = page.getByRole('article', { name: 'thinks' })
  await expect(steady).toContainText('w10')
  await expect(thinks).toContainText('w10')
  await page.getByRole('button', { name: 'Stop thinks' }).click()

  await expect(thinks.getByText('Stopped')).toBeVisible()
  await expect(steady).toContainText('w300', { timeout: 20_000 })
  await expectWords(steady, numbered(300))
  expect((await wordsOf(thinks)).length).toBeLessThan(300)
  const figures = page.getByRole('table', { name: 'What each answer took' })
  await expect(figures.getByRole('row', { name: /steady/ })).toContainText('300')

  await page.reload()
  await expect(page.getByRole('article', { name: 'steady' })).toContainText('w300')
  await page.goto('.')
  await page.getByRole('link', { name: /Count to it/ }).click()
  await expect(page).toHaveURL(/\/compare\//)
  await page.getByRole('article', { name: 'steady' }).getByRole('button', { name: 'Continue with this' }).click()
  await expect(page).toHaveURL(/\/c\//)
})
