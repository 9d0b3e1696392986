import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from './support/journey'
import { numbered } from './support/models'
import { ROOT } from './support/program'

const run = promisify(execFile)

test('a key is made, shown once, used by curl and Python as shown, and revoked', async ({ page, provider, models }) => {
  await models.keepPace(2000)
  await page.goto('keys')
  await page.getByRole('button', { name: 'Create key' }).click()
  const form = page.getByRole('dialog', { name: 'Create an API key' })
  await form.getByLabel('Name').fill('nightly summaries')
  await form.getByRole('radio', { name: 'Only these' }).click()
  await form.getByLabel('Model or pattern').fill(`${provider}/steady`)
  await form.getByRole('button', { name: 'Add', exact: true }).click()
  await form.getByRole('button', { name: 'Create key' }).click()

  const shown = page.getByRole('dialog', { name: 'Key for nightly summaries' })
  const command = (await shown.getByRole('tabpanel', { name: 'curl' }).locator('pre').textContent()) ?? ''
  const { stdout } = await run('sh', ['-c', command])
  expect(JSON.parse(stdout).choices[0].message.content.split(/\s+/)).toEqual(numbered(40))
  await shown.getByRole('tab', { name: 'Python' }).click()
  const program = (await shown.getByRole('tabpanel', { name: 'Python' }).locator('pre').textContent()) ?? ''
  expect((await run('.venv/bin/python', ['-c', program], { cwd: ROOT })).stdout.split(/\s+/)).toContain('w40')

  await shown.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByText(/pb-[A-Za-z0-9_-]{20,}/)).toHaveCount(0)
  await page.getByRole('button', { name: 'More for nightly summaries' }).click()
  await page.getByRole('menuitem', { name: 'Revoke key' }).click()
  await page
    .getByRole('dialog', { name: 'Revoke “nightly summaries”?' })
    .getByRole('button', { name: 'Revoke key' })
    .click()
  await expect(page.getByText('No keys yet')).toBeVisible()
  const refused = await run('sh', ['-c', command])
  expect(JSON.parse(refused.stdout).error.code).toBe('invalid_api_key')
})
