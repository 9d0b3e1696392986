import { expect, type Locator, type Page } from '@playwright/test'
import type { Person } from './journey'

/** Chooses the model with this canonical name in the picker of `place`. */
export async function chooseModel(page: Page, id: string, place: Page | Locator = page): Promise<void> {
  await place.getByRole('button', { name: /^Model:/ }).click()
  await chooseInPicker(page, id)
}

/** In the picker that is open. */
export async function chooseInPicker(page: Page, id: string): Promise<void> {
  const picker = page.getByRole('dialog', { name: 'Choose a model' })
  await picker.getByRole('combobox', { name: 'Search models' }).fill(id)
  await expect(picker.getByRole('option')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(picker).toBeHidden()
}

/** An empty conversation with this model, opened; its id. */
export async function openChat(page: Page, person: Person, model: string): Promise<string> {
  const { id } = await person.api.call('POST', '/conversations', { model })
  await page.goto(`c/${id}`)
  await expect(messageField(page)).toBeVisible()
  return id
}

export function messageField(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Message', exact: true })
}

/** Asks, and waits until the answer has begun to be one. */
export async function ask(page: Page, question: string): Promise<void> {
  const before = await answers(page).count()
  await messageField(page).fill(question)
  await messageField(page).press('Enter')
  await expect(answers(page)).toHaveCount(before + 1)
}

export function answers(page: Page): Locator {
  return page.getByRole('article', { name: 'Answer' })
}

export function lastAnswer(page: Page): Locator {
  return answers(page).last()
}

/** The newest answer has come to its end, a good one. */
export async function expectDone(page: Page): Promise<void> {
  await expect(lastAnswer(page).getByRole('button', { name: /^What was sent/ })).toBeVisible({ timeout: 20_000 })
}

/** The numbered words that stand there, in order: with `steady` each token can be counted. */
export async function wordsOf(place: Locator): Promise<string[]> {
  // biome-ignore lint/performance/useDomNodeTextContent: paragraphs must not run together.
  return (await place.innerText()).match(/\b[wr]\d+\b/g) ?? []
}

/** Waits until exactly these words stand there. */
export async function expectWords(place: Locator, words: string[]): Promise<void> {
  await expect.poll(() => wordsOf(place)).toEqual(words)
}

/** An item of a menu's submenu, by keys: a pointer that jumps would leave the way on which the submenu stays open. */
export async function chooseInSubmenu(
  page: Page,
  submenu: string,
  item: string,
  role: 'menuitem' | 'menuitemcheckbox' = 'menuitem',
) {
  await page.getByRole('menuitem', { name: submenu }).press('ArrowRight')
  await page.getByRole(role, { name: item }).press('Enter')
}
