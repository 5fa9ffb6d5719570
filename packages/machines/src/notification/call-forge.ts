import { VesemirError } from '@vesemir/core'
import type { z } from 'zod'
import { request, type Sending } from './post.ts'

/** The API of GitHub or GitLab, of one repository. */
export interface Forge extends Sending {
  /** Where the repository is in the API. */
  url: string
  /** With the token. */
  headers: Readonly<Record<string, string>>
}

/**
 * Asks the API of GitHub or GitLab, in JSON, and returns what the schema takes of the answer.
 * @throws {VesemirError} `NOTIFICATION_FAILED`, `NOTIFICATION_REFUSED`; the request is named, and the token is not
 */
export async function callForge<Answer>(
  { url, ...sending }: Forge,
  { method, path, body, answer }: { method: string; path: string; body?: object; answer: z.ZodType<Answer> },
): Promise<Answer> {
  const about = `${method} ${path.replace(/\?.*/, '')}`
  const given = body === undefined ? undefined : JSON.stringify(body)
  const response = await request(`${url}${path}`, { ...sending, method, body: given, about })
  const parsed = answer.safeParse(parseJson(await response.text()))
  if (parsed.success) return parsed.data
  throw new VesemirError(
    'NOTIFICATION_REFUSED',
    `${sending.name} returned an answer that is not understood for ${about}`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
