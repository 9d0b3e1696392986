import { ask, expectDone, openChat } from './support/chat'
import { expect, test } from './support/journey'

test('parameters and a system prompt are sent, kept, and saved as a preset', async ({
  page,
  person,
  provider,
  models,
}) => {
  await openChat(page, person, `${provider}/steady`)
  await page.getByRole('button', { name: 'Parameters' }).click()
  await page.getByRole('textbox', { name: 'System prompt' }).fill('You count.')
  const temperature = page.getByRole('textbox', { name: 'Temperature' })
  await temperature.fill('3')
  await expect(page.getByText('At most 2.')).toBeVisible()
  await temperature.fill('0.3')
  await temperature.press('Tab')
  await expect(page.getByRole('button', { name: 'Parameters, 2 changed' })).toBeVisible()

  await ask(page, 'words=2')
  await expectDone(page)
  const [sent] = await models.chats()
  expect(sent.temperature).toBe(0.3)
  expect(sent.messages[0]).toEqual({ role: 'system', content: 'You count.' })

  await page.getByRole('button', { name: 'Presets' }).click()
  await page.getByRole('menuitem', { name: 'Save as a preset' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Counting')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Parameters, 2 changed' })).toBeVisible()

  await page.getByRole('link', { name: 'New chat' }).click()
  await page.getByRole('button', { name: 'Parameters' }).click()
  await page.getByRole('button', { name: 'Presets' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Counting' }).click()
  await expect(temperature).toHaveValue('0.3')
})

test('a change is kept though the page goes at once', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/steady`)
  await page.getByRole('button', { name: 'Parameters' }).click()
  const temperature = page.getByRole('textbox', { name: 'Temperature' })
  await temperature.fill('0.7')
  await temperature.press('Tab')

  await page.reload()

  await expect(page.getByRole('button', { name: 'Parameters, 1 changed' })).toBeVisible()
})
