import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'

const folder = process.env.VESEMIR_PICTURES

/**
 * Saves what is to be seen of a page, or of a part of it, to the folder that VESEMIR_PICTURES names, if it does: pictures differ with every run.
 * Those in docs/images are made so.
 */
export async function takePicture(seen: Page | Locator, name: string): Promise<void> {
  if (folder === undefined) return
  await seen.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}
