import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { pictureFolder } from './take-picture.ts'

const widths = [1440, 390]
const height = 900
const gap = 16

/**
 * Saves a page as it is on a desktop and on a phone, light and dark, as one picture, to the folder that VESEMIR_PICTURES names, if it does.
 * `from` selects what is at the top: the page's own beginning, unless given. Leaves the page narrow and dark.
 */
export async function takeSheet(page: Page, name: string, { from = 'body' } = {}): Promise<void> {
  if (pictureFolder === undefined) return
  const shots: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of widths) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height })
      // What is laid out by its width is laid out anew in the frames after.
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
      await page.evaluate(`document.querySelector(${JSON.stringify(from)}).scrollIntoView()`)
      shots.push((await page.screenshot({ animations: 'disabled' })).toString('base64'))
    }
  }
  const sheet = await page.context().browser()!.newPage()
  await sheet.setViewportSize({ width: widths[0]! + widths[1]! + 3 * gap, height: 2 * height + 3 * gap })
  const columns = widths.map((width) => `${width}px`).join(' ')
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot}">`).join('')
  const style = `display: grid; grid-template-columns: ${columns}; gap: ${gap}px; margin: ${gap}px; background: #888`
  await sheet.setContent(`<body style="${style}">${images}`, { waitUntil: 'load' })
  await sheet.screenshot({ path: join(pictureFolder, `${name}.png`) })
  await sheet.close()
}
