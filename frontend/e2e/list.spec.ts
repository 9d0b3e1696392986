import type { Page } from '@playwright/test'
import { chooseInSubmenu } from './support/chat'
import { expect, test } from './support/journey'

function row(page: Page, title: string) {
  return page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: title })
}

async function menuOf(page: Page, title: string): Promise<void> {
  await row(page, title).hover()
  await page.getByRole('button', { name: `More for ${title}` }).click()
}

test('a conversation is renamed, pinned, put into a folder, archived and deleted with a way back', async ({
  page,
  person,
}) => {
  for (const title of ['Cables', 'Plugs']) await person.api.call('POST', '/conversations', { title })
  await page.goto('.')

  await menuOf(page, 'Cables')
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'Title' }).fill('Long cables')
  await page.getByRole('textbox', { name: 'Title' }).press('Enter')
  await menuOf(page, 'Long cables')
  await page.getByRole('menuitem', { name: 'Pin' }).click()
  await expect(page.getByRole('region', { name: 'Pinned' }).getByRole('link', { name: 'Long cables' })).toBeVisible()

  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByRole('textbox', { name: 'Name of the folder' }).fill('Stage')
  await page.getByRole('textbox', { name: 'Name of the folder' }).press('Enter')
  await menuOf(page, 'Plugs')
  await chooseInSubmenu(page, 'Move to folder', 'Stage', 'menuitemcheckbox')
  const folder = page.getByRole('region', { name: 'Stage' })
  await folder
    .getByRole('button', { name: /^Stage/ })
    .first()
    .click()
  await expect(folder.getByRole('link', { name: 'Plugs' })).toBeVisible()

  await menuOf(page, 'Long cables')
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(row(page, 'Long cables')).toBeHidden()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(row(page, 'Long cables')).toBeVisible()

  await menuOf(page, 'Long cables')
  await page.getByRole('menuitem', { name: 'Archive' }).click()
  await expect(row(page, 'Long cables')).toBeHidden()
  await page.reload()
  await expect(page.getByRole('region', { name: 'Stage' })).toBeVisible()
  await expect(row(page, 'Long cables')).toBeHidden()
})
