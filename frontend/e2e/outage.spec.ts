import { ask, expectDone, expectWords, lastAnswer, openChat } from './support/chat'
import { expect, test } from './support/journey'
import { numbered } from './support/models'

test('a provider goes down in the middle of an answer and comes back', async ({ page, person, provider, models }) => {
  await openChat(page, person, `${provider}/steady`)
  await ask(page, 'words=100 rate=20')
  await expect(lastAnswer(page)).toContainText('w10')

  await models.goDown()
  await expect(lastAnswer(page)).toContainText(`${provider} broke off in the middle of the answer.`)
  await expect(lastAnswer(page)).toContainText('w10')
  await lastAnswer(page).getByRole('button', { name: 'Try again' }).click()
  await expect(lastAnswer(page)).toContainText(`${provider} isn’t answering. Is its server running?`)
  await page.getByRole('button', { name: /^Model:/ }).click()
  const picker = page.getByRole('dialog', { name: 'Choose a model' })
  await expect(picker.getByRole('group', { name: provider })).toContainText('not answering')
  await page.keyboard.press('Escape')

  await models.comeBack()
  await models.keepPace(1000)
  await ask(page, 'words=5')
  await expectDone(page)
  await expectWords(lastAnswer(page), numbered(5))
})

test.describe(() => {
  test.use({ as: 'admin' })

  test('an administrator is led from the failed answer to the provider', async ({ page, admin, provider, models }) => {
    const { id } = await admin.call('POST', '/conversations', { model: `${provider}/steady` })
    await models.goDown()
    await page.goto(`c/${id}`)
    await ask(page, 'words=5')

    await expect(lastAnswer(page)).toContainText('isn’t answering')
    await lastAnswer(page).getByRole('button', { name: 'Test connection' }).click()

    await expect(page).toHaveURL(new RegExp(`/admin/providers/${provider}`))
  })
})
