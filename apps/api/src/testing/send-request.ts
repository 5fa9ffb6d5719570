import { request, type OutgoingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A request as it goes over the wire. */
export interface SentRequest {
  method: string
  /** Path and query, not changed in any way. */
  path: string
  headers: OutgoingHttpHeaders
  body?: string | undefined
}

/** What came back; status 0 when nothing came in time, or the connection was closed without an answer. */
export interface SentAnswer {
  status: number
  body: string
}

/**
 * Sends a request on a connection of its own, since one that is kept can be closed while the next request is on its way. Of a stream only
 * its beginning is waited for.
 */
export async function sendRequest(
  url: string,
  { method, path, headers, body }: SentRequest,
  { timeoutMs }: { timeoutMs: number },
): Promise<SentAnswer> {
  const { hostname: host, port } = new URL(url)
  const signal = AbortSignal.timeout(timeoutMs)
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const { promise, resolve, reject } = Promise.withResolvers<SentAnswer>()
  const sent = request(
    { agent: false, host, port, method, path, headers: { ...headers, ...length }, signal },
    (answer) => {
      const status = answer.statusCode!
      if (answer.headers['content-type']?.startsWith('text/event-stream')) {
        resolve({ status, body: '' })
        answer.on('error', () => {}).destroy()
      } else buffer(answer).then((bytes) => resolve({ status, body: bytes.toString() }), reject)
    },
  )
  sent.on('error', reject)
  sent.end(body)
  return promise.catch((error: unknown) => ({ status: 0, body: String(error) }))
}
