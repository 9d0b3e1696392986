import { ask, chooseInPicker, expectDone, expectWords, lastAnswer, openChat } from './support/chat'
import { expect, test } from './support/journey'
import { numbered } from './support/models'

test('an answer is made again, also by another model, and all versions stay', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/steady`)
  await ask(page, 'words=4 rate=200')
  await expectDone(page)

  await lastAnswer(page).getByRole('button', { name: 'Answer again', exact: true }).click()
  const versions = lastAnswer(page).getByRole('group', { name: 'Versions' })
  await expect(versions).toContainText('2/2')
  await expectDone(page)
  await lastAnswer(page).getByRole('button', { name: 'Answer again with another model' }).click()
  await chooseInPicker(page, `${provider}/echo`)
  await expect(versions).toContainText('3/3')
  await expect(lastAnswer(page)).toContainText('words=4 rate=200')
  await expectDone(page)

  const kept = page.waitForResponse((response) => response.request().method() === 'PATCH')
  await versions.getByRole('button', { name: 'Version before' }).click()
  await expect(versions).toContainText('2/3')
  await kept
  await expectWords(lastAnswer(page), numbered(4))
  await page.reload()
  await expect(versions).toContainText('2/3')
})

test('an edited question makes a branch, and the first one stays', async ({ page, person, provider, models }) => {
  await openChat(page, person, `${provider}/echo`)
  await ask(page, 'One potato')
  await expectDone(page)
  await ask(page, 'Two potatoes')
  await expectDone(page)

  const question = page.getByRole('article', { name: 'You' }).first()
  await question.hover()
  await question.getByRole('button', { name: 'Edit question' }).click()
  await page.getByRole('textbox', { name: 'Edit question' }).fill('Three potatoes')
  await page.getByRole('textbox', { name: 'Edit question' }).press('Enter')

  await expect(lastAnswer(page)).toContainText('Three potatoes')
  await expectDone(page)
  await expect(page.getByRole('article')).toHaveCount(2)
  expect((await models.chats()).at(-1).messages).toEqual([{ role: 'user', content: 'Three potatoes' }])
  const versions = question.getByRole('group', { name: 'Versions' })
  await question.hover()
  await expect(versions).toContainText('2/2')
  await versions.getByRole('button', { name: 'Version before' }).click()
  await expect(page.getByRole('article')).toHaveCount(4)
  await expect(lastAnswer(page)).toContainText('Two potatoes')
})
