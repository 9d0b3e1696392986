import { readFile } from 'node:fs/promises'
import type { Download, Page } from '@playwright/test'
import { ask, chooseInSubmenu, expectDone, expectWords, lastAnswer, openChat } from './support/chat'
import { expect, test } from './support/journey'
import { numbered } from './support/models'

async function downloaded(page: Page, act: () => Promise<void>): Promise<Download> {
  const coming = page.waitForEvent('download')
  await act()
  return coming
}

/** What ChatGPT exports, as small as it can be. */
const CHATGPT = [
  {
    title: 'From elsewhere',
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    current_node: 'answer',
    mapping: {
      root: { id: 'root', message: null, parent: null, children: ['question'] },
      question: node('question', 'root', ['answer'], 'user', 'Where are you from?'),
      answer: node('answer', 'question', [], 'assistant', 'From **another** place.'),
    },
  },
]

function node(id: string, parent: string, children: string[], role: string, text: string) {
  const content = { content_type: 'text', parts: [text] }
  return { id, parent, children, message: { id, author: { role }, content, create_time: 1_700_000_000, weight: 1 } }
}

test('conversations leave as Markdown and JSON, and come back', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/steady`)
  await ask(page, 'Keep this: words=7')
  await expectDone(page)
  await page.getByRole('button', { name: 'More about this conversation' }).click()
  const markdown = await downloaded(page, () => chooseInSubmenu(page, 'Export', 'As Markdown'))
  expect(markdown.suggestedFilename()).toMatch(/\.md$/)
  expect(await readFile(await markdown.path(), 'utf8')).toContain('w1 w2 w3 w4 w5 w6 w7')

  await page.goto('settings')
  const all = await downloaded(page, () => page.getByRole('button', { name: 'Export all' }).click())
  await page.getByLabel('File with conversations').setInputFiles(await all.path())
  await expect(page.getByText('1 conversation was imported.')).toBeVisible()
  const chatgpt = {
    name: 'conversations.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(CHATGPT)),
  }
  await page.getByLabel('File with conversations').setInputFiles(chatgpt)

  await page.getByRole('link', { name: 'Back to the chat' }).click()
  await expect(page.getByRole('link', { name: /Keep this/ })).toHaveCount(2)
  await page
    .getByRole('link', { name: /Keep this/ })
    .first()
    .click()
  await expectWords(lastAnswer(page), numbered(7))
  await page.getByRole('link', { name: 'From elsewhere' }).click()
  await expect(lastAnswer(page)).toContainText('From another place.')
})
