import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { WebSocketServer } from 'ws'

/** How long a viewer may take to say goodbye. */
const graceMs = 1000

/** Waits for viewers that were told to go, and drops those that stay. */
export async function closeViewers(server: WebSocketServer): Promise<void> {
  const waiting = new AbortController()
  const allGone = Promise.all([...server.clients].map((socket) => once(socket, 'close')))
  await Promise.race([allGone, setTimeout(graceMs, undefined, { signal: waiting.signal }).catch(() => {})])
  waiting.abort()
  for (const socket of server.clients) socket.terminate()
  server.close()
}
