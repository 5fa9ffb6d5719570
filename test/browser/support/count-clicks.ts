import type { Page } from 'playwright-core'

/** Returns how often a person has clicked in the page since. A page that is loaded anew would be watched no longer: it fails. */
export async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`window.clicks = 0
addEventListener('click', ({ isTrusted }) => isTrusted && (clicks += 1), { capture: true })`)
  return () => page.evaluate('clicks')
}
