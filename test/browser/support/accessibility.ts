import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * Fails with what axe finds on the page as it is now: WCAG 2.2 AA, and what is good practice beside; or what some rules alone
 * find, where nothing else can differ from an earlier look.
 */
export async function expectAccessible(page: Page, only?: readonly string[]): Promise<void> {
  const runOnly = only ? { type: 'rule', values: only } : { type: 'tag', values: tags }
  await page.evaluate(axe)
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] })
  const results = (await page.evaluate(`axe.run(document, ${options})`)) as AxeResults
  const found = results.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`),
  )
  expect(found).toEqual([])
}
