import { expect, type Page } from '@playwright/test'
import axe, { type AxeResults } from 'axe-core'

/** Fails when axe finds a serious or critical problem on what is shown; says which and where. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Through the debugger, which the page's content security policy does not concern.
  await page.evaluate(axe.source)
  const results = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  const serious = results.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
  const told = serious.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} ${node.any[0]?.message ?? one.help}`),
  )
  expect(told, where).toEqual([])
}
