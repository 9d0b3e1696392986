import type { Page } from '@playwright/test'
import { ask, chooseInPicker, expectDone, lastAnswer, messageField, openChat } from './support/chat'
import { expect, test } from './support/journey'
import { type PictureFile, png } from './support/pictures'

async function attach(page: Page, ...files: PictureFile[]): Promise<void> {
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Attach files' }).click()
  await (await choosing).setFiles(files)
}

/** What a browser hands over with files that are dragged in. */
async function dropped(page: Page, { name, mimeType, buffer }: PictureFile) {
  return page.evaluateHandle(
    ([name, type, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      const transfer = new DataTransfer()
      transfer.items.add(new File([bytes], name, { type }))
      return transfer
    },
    [name, mimeType, buffer.toString('base64')] as const,
  )
}

test('pictures reach the model: chosen, dropped and pasted', async ({ page, context, person, provider }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await openChat(page, person, `${provider}/sees`)
  const waiting = page.getByRole('list', { name: 'Attached files' }).getByRole('listitem')

  await attach(page, png('chosen.png', 64, 48))
  const dataTransfer = await dropped(page, png('dropped.png', 30, 20))
  await messageField(page).dispatchEvent('dragenter', { dataTransfer })
  await expect(page.getByText('Drop files to attach them')).toBeVisible()
  await messageField(page).dispatchEvent('drop', { dataTransfer })
  await expect(waiting).toHaveCount(2)
  await page.evaluate(async () => {
    const blob = await new Promise<Blob | null>((resolve) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 12, height: 10 })
      canvas.toBlob(resolve)
    })
    if (blob) await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })])
  })
  await messageField(page).press('Control+V')
  await expect(waiting).toHaveCount(3)
  await expect(waiting.filter({ hasText: 'Sending' })).toHaveCount(0)

  await ask(page, 'What is this?')
  await expect(lastAnswer(page)).toContainText(
    'I see 3 images: PNG of 64 × 48 pixels, PNG of 30 × 20 pixels, PNG of 12 × 10 pixels.',
  )
  await page.getByRole('button', { name: 'Open picture chosen.png' }).click()
  await expect(page.getByRole('dialog').getByRole('img', { name: 'chosen.png' })).toBeVisible()
})

test('a large picture is made smaller before it leaves the browser', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/sees`)
  await attach(page, png('large.png', 3000, 1500))
  await expect(page.getByRole('button', { name: 'Remove large.png' })).toBeVisible()
  await expect(page.getByText('Sending')).toBeHidden()
  await ask(page, 'And this?')

  await expect(lastAnswer(page)).toContainText('I see 1 image: PNG of 2048 × 1024 pixels.')
})

test('a model that sees nothing is not sent a picture, and one that sees is offered', async ({
  page,
  person,
  provider,
}) => {
  await openChat(page, person, `${provider}/steady`)
  await attach(page, png('small.png', 8, 8))

  const notice = page.getByRole('status').filter({ hasText: 'can’t see pictures' })
  await expect(notice).toContainText('steady can’t see pictures.')
  await messageField(page).fill('What is this?')
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled()
  await notice.getByRole('button', { name: 'Choose one that sees' }).click()
  await chooseInPicker(page, `${provider}/sees`)
  await expect(notice).toBeHidden()
  await ask(page, 'What is this?')

  await expect(lastAnswer(page)).toContainText('I see 1 image: PNG of 8 × 8 pixels.')
})

test('a text file goes along inside the question, and what was sent of it can be read', async ({
  page,
  person,
  provider,
}) => {
  await openChat(page, person, `${provider}/echo`)
  await attach(page, {
    name: 'cables.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('colour,metres\nred,3\nblue,5\n'),
  })
  await expect(page.getByRole('button', { name: 'Remove cables.csv' })).toBeVisible()
  await ask(page, 'How long are they?')

  await expectDone(page)
  await expect(lastAnswer(page)).toContainText('blue,5')
  await expect(lastAnswer(page)).toContainText('How long are they?')
  await page.getByRole('button', { name: /^cables\.csv/ }).click()
  await expect(page.getByRole('dialog', { name: 'cables.csv' })).toContainText('red,3')
})
