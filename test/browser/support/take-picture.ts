import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'

/** Where pictures are saved; undefined where none are taken. */
export const pictureFolder = process.env.VESEMIR_PICTURES

/**
 * Saves what is to be seen of a page, or of a part of it, to the folder that VESEMIR_PICTURES names, if it does: pictures differ with every run.
 * Those in docs/images are made so.
 */
export async function takePicture(seen: Page | Locator, name: string): Promise<void> {
  if (pictureFolder === undefined) return
  await seen.screenshot({ path: join(pictureFolder, `${name}.png`), animations: 'disabled' })
}
