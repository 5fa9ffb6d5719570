import { once } from 'node:events'
import type { DeploymentEvent, StreamMessage } from '@vesemir/contract'
import { WebSocket, type ClientOptions } from 'ws'

/** A stranger's WebSocket client: it keeps what it is sent. */
export interface Viewer {
  socket: WebSocket
  messages: StreamMessage[]
  /** The numbers of the events so far. */
  seqs: () => number[]
  events: () => DeploymentEvent[]
  /** Waits until what was sent so far fulfils a condition. */
  until: (condition: (viewer: Viewer) => boolean) => Promise<void>
  /** How the connection ended. */
  closed: Promise<{ code: number; reason: string }>
}

/** Opens a WebSocket; rejects with the answer's status when the handshake is refused. */
export async function openViewer(address: string, options: ClientOptions = {}): Promise<Viewer> {
  const socket = new WebSocket(address, options)
  const messages: StreamMessage[] = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as StreamMessage))
  const closed = once(socket, 'close').then(([code, reason]) => ({
    code: code as number,
    reason: (reason as Buffer).toString(),
  }))
  const viewer: Viewer = {
    socket,
    messages,
    events: () => messages.flatMap((message) => (message.kind === 'events' ? message.events : [])),
    seqs: () => viewer.events().map(({ seq }) => seq),
    async until(condition) {
      while (!condition(viewer)) {
        if (socket.readyState === socket.CLOSED) throw new Error('the connection ended before')
        await Promise.race([once(socket, 'message'), closed])
      }
    },
    closed,
  }
  await opened(socket)
  return viewer
}

async function opened(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once('open', resolve)
  socket.once('error', reject)
  socket.once('unexpected-response', (_request, response) => {
    void response.toArray().then((chunks) => {
      const body: unknown = JSON.parse(Buffer.concat(chunks as Buffer[]).toString())
      reject(Object.assign(new Error(`refused with ${response.statusCode}`), { status: response.statusCode, body }))
    })
  })
  return promise
}
