import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@vesemir/contract'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runInTerminal } from '../../apps/cli/src/testing/run-in-terminal.ts'
import { expectAccessible } from './support/accessibility.ts'
import { openBrowser, type TestBrowser } from './support/open-browser.ts'
import { startSigningIn, type SigningIn } from './support/start-signing-in.ts'

let system: SigningIn
let browser: TestBrowser
beforeAll(async () => {
  system = await startSigningIn()
  browser = await openBrowser(system)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  await system?.[Symbol.asyncDispose]()
})

/** Opens a page as somebody does who has not signed in. */
async function openStranger(path: string) {
  const opened = await browser.open(path)
  await opened.context.clearCookies()
  await opened.page.reload()
  return opened
}

async function answerProvider(page: Page, login: string) {
  await page.getByPlaceholder('Enter any login').fill(login)
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
}

test('a person signs in with their provider, comes back to the page that they wanted, and signs out of both', async () => {
  await using opened = await openStranger('/locks')
  const { page } = opened
  const button = page.getByRole('link', { name: 'Sign in with Corp' })
  await button.waitFor()
  await expectAccessible(page)

  await button.click()
  await answerProvider(page, 'ada')

  await page.getByText('ada@example.com').first().waitFor()
  expect(new URL(page.url()).pathname).toBe('/locks')
  expect(await page.evaluate('document.cookie')).toBe('')

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${system.provider.issuer}/session/end?**`)
  await page.getByRole('button', { name: 'Yes, sign me out' }).click()
  await page.waitForURL(`${system.url}/**`)
  await button.waitFor()
})

test('a page of the API itself sends a person to sign in, and back', async () => {
  await using opened = await openStranger('/docs')
  const { page } = opened

  await page.getByRole('link', { name: 'Sign in with Corp' }).click()
  await answerProvider(page, 'ada')

  await page.waitForURL(`${system.url}/docs**`)
  expect(await page.title()).toBe('Vesemir API')
})

test('somebody without a grant is told what to ask for', async () => {
  await using opened = await openStranger('/')
  const { page } = opened

  await page.getByRole('link', { name: 'Sign in with Corp' }).click()
  await answerProvider(page, 'bob')

  await page.getByText('bob@example.com is signed in, but has no grant in Vesemir').waitFor()
  expect(await page.getByRole('main').innerText()).toContain('Ask an admin to add a grant')
  await expectAccessible(page)
})

test('vesemir login has a person sign in in a browser, and vesemir logout ends that', async () => {
  const { url, home } = system
  const terminal = runInTerminal(['login', '--url', url], { home, columns: 160 })
  await terminal.shows('Check that the page shows this code')
  const [, address] = /Open (\S+)/.exec(terminal.screen().join('\n'))!
  await using opened = await openStranger('/')
  const { page } = opened

  await page.goto(address!)
  await page.getByRole('button', { name: 'Continue' }).click()
  await answerProvider(page, 'ada')

  await terminal.shows(`Signed in to ${url} as ada@example.com (deployer)`)
  expect(await terminal.exit).toBe(0)
  const token = await readToken(home)
  expect(terminal.written()).not.toContain(token)
  const client = createClient({ url, token: token! })
  expect(await client.getSession()).toMatchObject({ name: 'ada@example.com' })

  const leaving = runInTerminal(['logout'], { home })
  expect(await leaving.exit).toBe(0)
  await expect(client.getSession()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  expect(await readToken(home)).toBeUndefined()
})

async function readToken(home: string): Promise<string | undefined> {
  const text = await readFile(join(home, '.config/vesemir/config.yml'), 'utf8')
  return /^token: (.*)$/m.exec(text)?.[1]
}
