import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ClientChannel } from 'ssh2'
import { TimeUp, withinTime } from '../within-time.ts'
import { openChannel, type Connection } from './connection.ts'

interface Limits {
  timeoutMs: number
  signal?: AbortSignal | undefined
}

const bodyBytes = 64 * 1024

/** Makes one HTTP GET from the machine itself, as `RemoteSession.httpGet`: nothing on it is needed but sshd. */
export function httpGet(
  connection: Connection,
  url: { address: string; port: number; path: string },
  limits: Limits,
): Promise<{ status: number; body: string }> {
  return withChannelTo(connection, url, limits, async (channel, signal) => {
    const response = await get(channel, url, signal)
    return { status: response.statusCode ?? 0, body: await readBody(response) }
  })
}

/** Opens a TCP connection from the machine itself and closes it again, as `RemoteSession.tcpProbe`. */
export function tcpProbe(connection: Connection, to: { address: string; port: number }, limits: Limits): Promise<void> {
  return withChannelTo(connection, to, limits, async () => {})
}

async function withChannelTo<Result>(
  connection: Connection,
  to: { address: string; port: number },
  limits: Limits,
  use: (channel: ClientChannel, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { client, target } = connection
  try {
    return await withinTime(limits, async (signal) => {
      const channel = await openChannel(connection, signal, (callback) =>
        client.forwardOut('127.0.0.1', 0, to.address, to.port, callback),
      )
      try {
        return await use(channel, signal)
      } finally {
        channel.close()
        channel.resume()
      }
    })
  } catch (error) {
    limits.signal?.throwIfAborted()
    const lost = connection.lost()
    if (lost) throw lost
    const what = error instanceof TimeUp ? `gave no answer within ${limits.timeoutMs} ms` : inWords(error)
    throw new Error(`${to.address}:${to.port}, asked from ${target.name}, ${what}`, { cause: error })
  }
}

// RFC 4254, 5.1
const prohibited = 1

function inWords(error: unknown): string {
  const { message, reason } = error as Error & { reason?: number | string }
  if (reason === prohibited) return 'cannot be reached: its sshd forbids forwarding (AllowTcpForwarding)'
  return `gave no answer: ${message.replace('(SSH) Channel open failure: ', '')}`
}

function get(channel: ClientChannel, url: { address: string; port: number; path: string }, signal: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = request(
    {
      createConnection: () => asSocket(channel),
      host: url.address,
      port: url.port,
      path: url.path.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent),
      headers: { connection: 'close', 'user-agent': 'vesemir', accept: '*/*' },
      signal,
    },
    resolve,
  )
  sent.on('error', reject)
  sent.end()
  return promise
}

/** Reads the beginning of a body; the rest is left unread. */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let receivedBytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    receivedBytes += chunk.length
    if (receivedBytes >= bodyBytes) break
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, bodyBytes))
}

/** Gives a channel the methods of a socket that node:http calls; ssh2's own HTTP agent does the same. */
function asSocket(channel: ClientChannel): Socket {
  const nothing = () => channel
  return Object.assign(channel, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => channel.destroy(),
  }) as unknown as Socket
}
