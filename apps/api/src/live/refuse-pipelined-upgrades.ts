import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

/**
 * Closes a connection that asks for a WebSocket while an earlier request on it is being answered (RFC 9112, 9.3.2). Such a handshake gets
 * no answer: the connection would stay open for ever, with none of the server's time limits, and hold up its shutdown.
 */
export function refusePipelinedUpgrades(server: Server): void {
  const answering = new WeakMap<Duplex, number>()
  const count = (socket: Duplex, by: number) => answering.set(socket, (answering.get(socket) ?? 0) + by)
  server.prependListener('request', ({ socket }, response) => {
    count(socket, 1)
    response.once('close', () => count(socket, -1))
  })
  server.prependListener('upgrade', (_request, socket) => {
    if (answering.get(socket)) socket.destroy()
  })
}
