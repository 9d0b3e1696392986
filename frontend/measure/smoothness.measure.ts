import { type CDPSession, expect, type Page } from '@playwright/test'
import { messageField, openChat } from '../e2e/support/chat'
import { type Person, test } from '../e2e/support/journey'

/** What one stretch of time did to the page's main thread. */
interface Figures {
  tasks: number[]
  /** From a key's event to the next frame that was painted. */
  keys: number[]
}

const ANSWER_CHARACTERS = 200_000
const TOKENS_A_SECOND = 100
const WATCHED_S = 15
const MESSAGES = 2_000
const TYPED = 'Meanwhile I write my next question, and it is a long one.'

test.describe.configure({ mode: 'serial', timeout: 180_000 })

/** Notes tasks of over 50 ms, which is all that browsers tell, and what each key took. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const figures: Figures = { tasks: [], keys: [] }
    Object.assign(window, { figures })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) figures.tasks.push(entry.duration)
    }).observe({ type: 'longtask' })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'keydown') figures.keys.push(entry.duration)
      // Durations are given in steps of 8 ms, the shortest that is told is 16 ms.
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })
}

async function watched(page: Page): Promise<Figures> {
  return page.evaluate(() => (window as unknown as { figures: Figures }).figures)
}

/** Seconds that the main thread worked, of the seconds since the session began. */
async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}

function tell(what: string, { tasks, keys }: Figures, share: number | null): void {
  const longest = tasks.length === 0 ? 'under 50' : Math.round(Math.max(...tasks)).toString()
  const key = keys.length === 0 ? 'under 16' : Math.round(Math.max(...keys)).toString()
  const sorted = [...keys].sort((a, b) => a - b)
  const half = sorted.length < TYPED.length / 2 ? 'under 16' : Math.round(sorted[sorted.length >> 1] ?? 0).toString()
  const load = share === null ? '' : `, main thread busy ${Math.round(share * 100)} %`
  process.stdout.write(`${what}: longest task ${longest} ms, slowest key ${key} ms, median key ${half} ms${load}\n`)
}

async function measured(page: Page, what: string, act: () => Promise<void>): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await watch(page)
  const [before, since] = [await busy(session), Date.now()]
  await act()
  tell(what, await watched(page), ((await busy(session)) - before) / ((Date.now() - since) / 1000))
}

async function typed(page: Page, forSeconds: number): Promise<void> {
  await messageField(page).pressSequentially(TYPED, { delay: (forSeconds * 1000) / TYPED.length })
  await expect(messageField(page)).toHaveValue(TYPED)
}

/** A conversation with so many messages, as ChatGPT would export it. */
async function longConversation(person: Person): Promise<string> {
  const mapping: Record<string, unknown> = { n0: { id: 'n0', message: null, parent: null, children: ['n1'] } }
  for (let at = 1; at <= MESSAGES; at++) {
    const role = at % 2 === 1 ? 'user' : 'assistant'
    const parts = [role === 'user' ? `Question ${at}: what about cables?` : answer(at)]
    const message = {
      id: `n${at}`,
      author: { role },
      content: { content_type: 'text', parts },
      create_time: 1.7e9 + at,
    }
    mapping[`n${at}`] = { id: `n${at}`, parent: `n${at - 1}`, children: at < MESSAGES ? [`n${at + 1}`] : [], message }
  }
  const told = [{ title: 'Long', create_time: 1.7e9, update_time: 1.7e9, current_node: `n${MESSAGES}`, mapping }]
  await person.api.call('POST', '/conversations/import', told)
  const { items } = await person.api.call('GET', '/conversations')
  return items[0].id
}

function answer(at: number): string {
  const code = '```python\nfor cable in cables:\n    print(cable.length)\n```'
  return `## Answer ${at}\n\nCables are **long** or short, see the table.\n\n| a | b |\n|---|---|\n| ${at} | 2 |\n\n${code}\n`
}

test('a long answer', async ({ page, person, provider }) => {
  await openChat(page, person, `${provider}/steady`)
  // More than can come before the page is closed.
  const wish = `style=markdown hurry=${ANSWER_CHARACTERS} words=60000 rate=${TOKENS_A_SECOND}`
  await messageField(page).fill(`Tell me everything. ${wish}`)
  await messageField(page).press('Enter')
  const answered = page.getByRole('article', { name: 'Answer' })
  const length = async () => (await answered.allTextContents()).join('').length
  await expect.poll(length, { timeout: 90_000 }).toBeGreaterThan(ANSWER_CHARACTERS * 0.8)

  await measured(page, 'Reading a 200 KB answer at 100 tokens a second', () => page.waitForTimeout(WATCHED_S * 1000))
  await measured(page, 'Typing meanwhile', () => typed(page, 10))
})

test('a long conversation', async ({ page, person }) => {
  const id = await longConversation(person)
  const began = Date.now()
  await page.goto(`c/${id}`)
  await expect(page.getByRole('heading', { name: `Answer ${MESSAGES}` })).toBeVisible({ timeout: 30_000 })
  process.stdout.write(`A conversation of 2,000 messages: opened in ${Date.now() - began} ms\n`)

  await measured(page, 'Scrolling through it', async () => {
    await page.mouse.move(640, 300)
    for (let at = 0; at < 200; at++) {
      await page.mouse.wheel(0, -600)
      await page.waitForTimeout(30)
    }
  })
  await measured(page, 'Typing in it', () => typed(page, 5))
})

test('an answer in a long conversation', async ({ page, person, provider }) => {
  const id = await longConversation(person)
  await person.api.call('PATCH', `/conversations/${id}`, { model: `${provider}/steady` })
  await page.goto(`c/${id}`)
  await expect(page.getByRole('heading', { name: `Answer ${MESSAGES}` })).toBeVisible({ timeout: 30_000 })
  await messageField(page).fill(`style=markdown words=${TOKENS_A_SECOND * 25} rate=${TOKENS_A_SECOND}`)
  await messageField(page).press('Enter')
  await expect(page.getByRole('button', { name: /^Stop/ })).toBeVisible()

  await measured(page, 'An answer of 100 tokens a second at its end, while typing', () => typed(page, 10))
})
