import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sidebar } from '../../docs/.vitepress/sidebar.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { startSigningIn, type SigningIn } from './support/start-signing-in.ts'
import { takePicture } from './support/take-picture.ts'

let api: SigningIn
let browser: TestBrowser
beforeAll(async () => {
  api = await startSigningIn()
  browser = await openBrowser(api)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await api?.[Symbol.asyncDispose]()
})

test.each(['index', 'install', 'cli', 'errors'])('%s is accessible, light and dark', async (name) => {
  await using opened = await browser.open(`/help/${name}`, { width: 1440 })
  const { page } = opened
  await page.getByRole('heading', { level: 1 }).waitFor()

  await expectAccessible(page)
  await takePicture(page, `help-${name}-light`)
  await page.emulateMedia({ colorScheme: 'dark' })
  // Colours change slowly: what is looked at is opened in them.
  await page.reload()
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await page.locator('html').getAttribute('class')).toContain('dark')
  await expectAccessible(page, ['color-contrast'])
  await takePicture(page, `help-${name}-dark`)
})

test('no page breaks the content security policy, or is wider than a narrow screen', async () => {
  await using opened = await browser.open('/help/', { width: 390, colorScheme: 'dark' })
  const { page } = opened
  const wide: string[] = []
  for (const { link } of sidebar.flatMap(({ text, items }) => (text === 'Decisions' ? items.slice(0, 2) : items))) {
    await page.goto(`/help${link}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await takePicture(page, `help${link.replaceAll('/', '-')}-narrow`)
    if ((await widthOf(page)) > 390) wide.push(link)
  }

  expect(wide).toEqual([])
})

test('a word is found from the page that leads to the documentation', async () => {
  await using opened = await browser.open('/')
  const { page } = opened

  await page.getByRole('link', { name: 'Help', exact: true }).click()
  await page.getByRole('button', { name: 'Search' }).first().click()
  await page.getByRole('searchbox').fill('completion')
  await takePicture(page, 'help-search')
  await page.getByRole('option', { name: 'Completion' }).first().click()

  await page.getByRole('heading', { name: 'Completion' }).waitFor()
  expect(page.url()).toMatch(/\/help\/cli#completion$/)
})

function widthOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth')
}
