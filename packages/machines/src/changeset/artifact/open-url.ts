import { unavailable } from './unavailable.ts'
import type { Fetch } from '../../http/create-fetch.ts'
import type { HeadersFor } from './credentials.ts'

const mostRedirects = 5

/** An address that answers with the file itself, and the headers that it was asked with. */
export interface Opened {
  url: string
  headers: Readonly<Record<string, string>>
  response: Response
}

/**
 * Asks for a URL and follows where it leads. Each address on the way gets the headers that are meant for it, so that a
 * redirect to another server takes no secret there. The answer's body is to be read or cancelled.
 * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`
 */
export async function openUrl(
  url: string,
  { headersFor, fetch, signal }: { headersFor: HeadersFor; fetch: Fetch; signal: AbortSignal },
): Promise<Opened> {
  let next = url
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const { username, password } = new URL(next)
    if (username || password)
      throw unavailable(url, 'is asked for with a user name or password in it, which is not supported')
    const headers = headersFor(next)
    const asked = { ...headers, 'accept-encoding': 'identity' }
    const response = await fetch(next, { signal, headers: asked, redirect: 'manual' })
    if (response.status === 200) return { url: next, headers, response }
    await response.body?.cancel()
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null)
      throw unavailable(url, `was answered with HTTP status ${response.status}`)
    next = new URL(location, next).href
  }
  throw unavailable(url, `leads to more than ${mostRedirects} others, one after another`)
}
