import { expect, test } from './support/journey'

test.use({ as: 'nobody' })

test('whoever signs in arrives where they were going, and stays signed in', async ({ page, person }) => {
  await page.goto('keys')
  await expect(page.getByRole('heading', { name: 'Sign in to Patchbay' })).toBeVisible()

  await page.getByLabel('Username').fill(person.username)
  await page.getByLabel('Password', { exact: true }).fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toHaveText('That name and password don’t go together.')

  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByLabel('Password', { exact: true }).press('Enter')
  await expect(page).toHaveURL(/\/keys$/)

  await page.reload()
  await expect(page).toHaveURL(/\/keys$/)
  await page.getByRole('button', { name: person.username }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByLabel('Username')).toBeVisible()

  await page.goto('keys')
  await expect(page.getByLabel('Username')).toBeVisible()
})

test('a one-time password is good for choosing another', async ({ page, admin, person }) => {
  const id = (await person.api.call('GET', '/auth/profile')).id
  await admin.call('PATCH', `/users/${id}`, { password: 'only-once-please', must_change_password: true })

  await page.goto('sign-in')
  await page.getByLabel('Username').fill(person.username)
  await page.getByLabel('Password', { exact: true }).fill('only-once-please')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('New password').fill('one of my own')
  await page.getByRole('button', { name: 'Save and go on' }).click()

  await expect(page.getByRole('link', { name: 'New chat' })).toBeVisible()
})
