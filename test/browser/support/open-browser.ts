import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { expect } from 'vitest'

/** Debian's own Chromium, which set-up installs. */
const executablePath = '/usr/bin/chromium'

// A test machine may be root in a container and have no GPU; the rest keeps the browser from asking its maker for anything.
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How a page is looked at. */
interface Look {
  colorScheme?: 'light' | 'dark'
  width?: number
  height?: number
}

/** A browser for a test file. */
export interface TestBrowser extends AsyncDisposable {
  /** Opens a page of Vesemir, signed in, in a window of its own. What goes wrong in it fails the test that closes it. */
  open(path: string, look?: Look): Promise<TestPage>
}

interface TestPage extends AsyncDisposable {
  page: Page
  context: BrowserContext
}

/** Starts Chromium for the Vesemir at `url`. */
export async function openBrowser({ url, token }: { url: string; token: string }): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath, args })
  return {
    open: (path, look) => openPage(browser, { url, token, path, look }),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

interface Wanted {
  url: string
  token: string
  path: string
  look: Look | undefined
}

async function openPage(browser: Browser, { url, token, path, look = {} }: Wanted): Promise<TestPage> {
  const { colorScheme = 'light', width = 1280, height = 900 } = look
  const context = await browser.newContext({ baseURL: url, colorScheme, viewport: { width, height } })
  // The cookie is the one that the sign-in page gets.
  const signedIn = await context.request.post('/v1/session', { data: { token }, headers: { origin: url } })
  expect(signedIn.status()).toBe(200)
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(String(error)))
  // What breaks the content security policy is said on the console alone.
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) wrong.push(message.text())
  })
  await page.goto(path)
  return {
    page,
    context,
    async [Symbol.asyncDispose]() {
      await context.close()
      expect(wrong.filter((text) => !isToBeExpected(text))).toEqual([])
    },
  }
}

/** Browsers say each lost connection, which the page must bear; bull-board asks for a font that its policy does not allow. */
function isToBeExpected(text: string): boolean {
  return text.startsWith('WebSocket connection to') || text.includes('https://fonts.googleapis.com/')
}
