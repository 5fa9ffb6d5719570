import { isVesemirError, type HttpAnswer, type HttpRequest, type ProbeOptions, type ProbeTarget } from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { addAbortListener, once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { ClientChannel } from 'ssh2'
import { openChannel, type Connection } from './connection.ts'
import { openTcpByShell } from './open-tcp-by-shell.ts'

const bodyBytes = 64 * 1024

/** Makes one HTTP GET, as `RemoteSession.httpGet`: nothing on the machine is needed but sshd, or bash where that forbids forwarding. */
export function httpGet(connection: Connection, asked: HttpRequest, limits: ProbeOptions): Promise<HttpAnswer> {
  return withConnectionTo(connection, asked, limits, async (stream, signal) => {
    const socket = asked.tls ? await startTls(stream, asked, signal) : asSocket(stream)
    const response = await get(socket, asked, signal)
    const headers = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')])
    // An application may answer with what it was asked with.
    return connection.masker.maskAll({
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: await readBody(response),
    })
  })
}

/** Opens a TCP connection and closes it again, as `RemoteSession.tcpProbe`. */
export function tcpProbe(connection: Connection, to: ProbeTarget, limits: ProbeOptions): Promise<void> {
  return withConnectionTo(connection, to, limits, async () => {})
}

/** Makes sure that the machine can be asked from itself, as `RemoteSession.proveProbes`: what answers nothing yet is no obstacle. */
export async function proveProbes(connection: Connection, to: ProbeTarget, limits: ProbeOptions): Promise<void> {
  try {
    await tcpProbe(connection, to, limits)
  } catch (error) {
    limits.signal?.throwIfAborted()
    if (isVesemirError(error)) throw error
  }
}

async function withConnectionTo<Result>(
  connection: Connection,
  to: ProbeTarget,
  limits: ProbeOptions,
  use: (stream: Duplex, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const asker = to.from === 'worker' ? 'the worker' : connection.target.name
  try {
    return await withinTime(limits, (signal) =>
      to.from === 'worker' ? withSocketTo(to, signal, use) : withChannelTo(connection, to, signal, use),
    )
  } catch (error) {
    limits.signal?.throwIfAborted()
    const lost = connection.lost()
    if (lost) throw lost
    if (isVesemirError(error)) throw error
    const what = error instanceof TimeUp ? `gave no answer within ${limits.timeoutMs} ms` : inWords(error)
    throw new Error(`${to.address}:${to.port}, asked from ${asker}, ${what}`, { cause: error })
  }
}

type Use<Result> = (stream: Duplex, signal: AbortSignal) => Promise<Result>

async function withChannelTo<Result>(
  connection: Connection,
  to: ProbeTarget,
  signal: AbortSignal,
  use: Use<Result>,
): Promise<Result> {
  const channel = await openFromHost(connection, to, signal)
  try {
    return await use(channel, signal)
  } finally {
    channel.close()
    channel.resume()
  }
}

/** Opens a connection from the machine itself: by its sshd, or where that forbids it by a shell. */
async function openFromHost(connection: Connection, to: ProbeTarget, signal: AbortSignal): Promise<ClientChannel> {
  if (connection.forbidsForwarding) return openTcpByShell(connection, to, signal)
  try {
    return await openChannel(connection, signal, (callback) =>
      connection.client.forwardOut('127.0.0.1', 0, to.address, to.port, callback),
    )
  } catch (error) {
    if ((error as { reason?: number | string }).reason !== prohibited) throw error
    connection.forbidsForwarding = true
    return openTcpByShell(connection, to, signal)
  }
}

async function withSocketTo<Result>(to: ProbeTarget, signal: AbortSignal, use: Use<Result>): Promise<Result> {
  const socket = connect({ host: to.address, port: to.port, noDelay: true })
  using _listening = addAbortListener(signal, () => socket.destroy())
  try {
    await once(socket, 'connect', { signal })
    return await use(socket, signal)
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}

async function startTls(stream: Duplex, { address, tls = {} }: HttpRequest, signal: AbortSignal): Promise<Socket> {
  const { serverName, ca, insecure = false } = tls
  const socket = connectTls({
    socket: stream,
    host: address,
    rejectUnauthorized: !insecure,
    ...(serverName !== undefined && { servername: serverName }),
    ...(ca !== undefined && { ca }),
  })
  // What goes wrong is told to who waits for it; when nobody does any more, it must not be thrown.
  socket.on('error', () => {})
  await once(socket, 'secureConnect', { signal })
  return socket
}

// RFC 4254, 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED.
const prohibited = 1

function inWords(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  return `gave no answer: ${(message || code || '').replace('(SSH) Channel open failure: ', '')}`
}

function get(socket: Socket, { address, port, path, headers, tls }: HttpRequest, signal: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = request(
    {
      createConnection: () => socket,
      host: address,
      port,
      path: path.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent),
      headers: {
        connection: 'close',
        'user-agent': 'vesemir',
        accept: '*/*',
        ...(tls?.serverName !== undefined && { host: tls.serverName }),
        ...lowerCased(headers),
      },
      signal,
    },
    resolve,
  )
  sent.on('error', reject)
  sent.end()
  return promise
}

/** Node sends a header twice that is written in two ways. */
function lowerCased(headers: HttpRequest['headers'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
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
function asSocket(stream: Duplex): Socket {
  if (stream instanceof Socket) return stream
  const nothing = () => stream
  return Object.assign(stream, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => stream.destroy(),
  }) as unknown as Socket
}
