import { VesemirError } from '@vesemir/core'
import { httpFetch } from '../http.ts'

const timeoutMs = 30_000

interface Call {
  method: string
  headers: Record<string, string>
  body?: object | undefined
}

/**
 * Calls the API of GitHub or GitLab, in JSON. A redirect is a refusal: the token is for that address alone.
 * @throws {VesemirError} `COMMENT_FAILED` with the status, and never with the token
 */
export async function callApi<Answer>(url: URL, { method, headers, body }: Call): Promise<Answer> {
  const what = `${method} ${url.origin}${url.pathname}`
  let status: number
  let text: string
  try {
    const answer = await httpFetch(url, {
      method,
      headers: { 'content-type': 'application/json', 'user-agent': 'vesemir', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    status = answer.status
    text = await answer.text()
  } catch (cause) {
    throw new VesemirError('COMMENT_FAILED', `no answer to ${what}`, { cause })
  }
  if (status < 200 || status > 299) throw new VesemirError('COMMENT_FAILED', `HTTP status ${status} for ${what}`)
  return JSON.parse(text) as Answer
}
