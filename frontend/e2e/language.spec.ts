import { chooseInSubmenu } from './support/chat'
import { expect, test } from './support/journey'

test('the language is switched at once and kept', async ({ page, person }) => {
  await page.goto('keys')
  await page.getByRole('button', { name: person.username }).click()
  await chooseInSubmenu(page, 'Language', 'Deutsch', 'menuitemcheckbox')

  await expect(page.getByRole('heading', { name: 'API-Schlüssel' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await page.goto('.')
  await expect(page.getByRole('link', { name: 'Neuer Chat' })).toBeVisible()
  await page.goto('settings')
  await page.getByRole('radio', { name: 'English' }).click()
  await expect(page.getByRole('link', { name: 'Back to the chat' })).toBeVisible()
})

test.describe(() => {
  test.use({ locale: 'de-DE' })

  test('a German browser is greeted in German', async ({ page }) => {
    await page.goto('.')
    await expect(page.getByRole('link', { name: 'Neuer Chat' })).toBeVisible()
  })
})
