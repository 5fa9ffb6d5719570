import type { StreamMessage } from '@vesemir/contract'
import type { WebSocket, WebSocketServer } from 'ws'

/** So many beats without a sign of life, and a peer counts as dead. */
const allowedSilence = 2

const noNews = Buffer.from(JSON.stringify({ kind: 'events', events: [] } satisfies StreamMessage))

/**
 * Pings every viewer, and drops those that answer none of three pings. A browser's page cannot see a ping: it is sent a
 * message without events as well, so that it too can tell a dead connection from one without news.
 */
export function startHeartbeat(server: WebSocketServer, { intervalMs }: { intervalMs: number }): Disposable {
  const silence = new WeakMap<WebSocket, number>()
  server.on('connection', (socket) => {
    const hear = () => silence.set(socket, 0)
    socket.on('pong', hear).on('ping', hear)
  })
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      const beats = silence.get(socket) ?? 0
      if (beats > allowedSilence) {
        socket.terminate()
        continue
      }
      silence.set(socket, beats + 1)
      beat(socket)
    }
  }, intervalMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function beat(socket: WebSocket): void {
  if (socket.readyState !== socket.OPEN) return
  socket.ping()
  if (socket.bufferedAmount === 0) socket.send(noNews, { binary: false })
}
