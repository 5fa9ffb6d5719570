import { VesemirError } from '@vesemir/core'
import { z } from 'zod'

/** What a server answered, before it is believed to be Chef. */
export interface ChefAnswer {
  url: string
  status: number
  headers: Headers
  body: string
}

interface Asker {
  clientName: string
  signing: string
  nowMs: number
}

/** Chef refuses signatures that are older, or further ahead, than this (mixlib-authentication's default). */
const maxClockDifferenceMs = 15 * 60_000

/** Says in words why a Chef server did not do what it was asked: for any answer but a 2xx. */
export function answerError(answer: ChefAnswer, asker: Asker): VesemirError {
  const { url, status } = answer
  const said = serverWords(answer.body)
  const details = { url, status }
  if (status === 401) return new VesemirError('INVENTORY_REFUSED', refusedSignature(answer, asker), { details })
  if (status === 403) {
    const message = `${url}: the Chef client "${asker.clientName}" lacks a right: it must belong to the organisation and have "read" on nodes${said}`
    return new VesemirError('INVENTORY_REFUSED', message, { details })
  }
  if (status === 404) {
    return new VesemirError('INVENTORY_ANSWER_INVALID', `${url} answers 404: ${describeMissing(url)}${said}`, {
      details,
    })
  }
  if (status >= 500 || status === 429) {
    const message = `the Chef server fails: ${url} kept returning ${status}${said}`
    return new VesemirError('INVENTORY_UNREACHABLE', message, { details })
  }
  const location = answer.headers.get('location')
  const where = status < 400 && location ? `: redirects to ${oneLine(location)}` : said
  return new VesemirError('INVENTORY_ANSWER_INVALID', `${url} answers ${status}${where}`, { details })
}

/** Says what an address lacks that does not answer as Chef does: goiardi answers 200 with nothing when asked for an organisation. */
export function describeMissing(url: string): string {
  const [, organisation] = /\/organizations\/([^/]+)/.exec(url) ?? []
  const noChef = 'it is not the API of a Chef server'
  return organisation ? `there is no organisation "${organisation}", or ${noChef}` : noChef
}

function refusedSignature({ url, headers, body }: ChefAnswer, { clientName, signing, nowMs }: Asker): string {
  const aheadMs = nowMs - Date.parse(headers.get('date') ?? '')
  if (Math.abs(aheadMs) > maxClockDifferenceMs) {
    const minutes = Math.round(Math.abs(aheadMs) / 60_000)
    const side = aheadMs > 0 ? 'ahead of' : 'behind'
    return `${url} refuses the signature: Vesemir's clock, which is that of its Redis, is ${minutes} minutes ${side} the Chef server's, and Chef allows 15`
  }
  return `${url} refuses the signature of the client "${clientName}" (protocol ${signing}): check its name and key${serverWords(body)}`
}

const ChefError = z.object({ error: z.union([z.string(), z.array(z.string())]) })

/** The server's own explanation, as far as there is one: a stranger's text, so it is cut to one short line. */
function serverWords(body: string): string {
  try {
    const { error } = ChefError.parse(JSON.parse(body))
    return ` (it says: ${oneLine([error].flat().join('; '))})`
  } catch {
    return ''
  }
}

function oneLine(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return plain.length > 200 ? `${plain.slice(0, 199)}…` : plain
}
