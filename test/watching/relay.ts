import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { WebSocketServer, type WebSocket } from 'ws'
import { receiveFromOwner, readTask, report } from './child.ts'
import type { Load } from './loads.ts'

// The least that can be: one process that makes up the lines and sends them to all viewers, with nothing behind it. What lines
// take from here is what this machine, with all else that runs on it, makes of any server.

export interface RelayTask {
  load: Load
}

/** The first message. */
export interface Listening {
  address: string
}

const everyMs = 80

const { load } = readTask<RelayTask>()
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
const viewers = new Map<string, WebSocket[]>()
server.on('connection', (socket, { url = '' }) => viewers.set(url, [...(viewers.get(url) ?? []), socket]))
await once(server, 'listening')
report({ address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` } satisfies Listening)
await receiveFromOwner()
const rounds = Math.round((load.seconds * 1000) / everyMs)
for (let seq = 1; seq <= rounds; seq += 1) {
  for (const sockets of viewers.values()) sendToAll(sockets, messageOf(seq))
  await setTimeout(everyMs)
}
for (const socket of server.clients) {
  socket.send('{"kind":"ended"}')
  socket.close(1000)
}
server.close()
process.disconnect()

function messageOf(seq: number): string {
  const count = Math.max(1, Math.round((load.linesPerSecond * everyMs) / 1000))
  const lines = Array.from({ length: count }, (_, index) => ({
    stream: 'stdout',
    text: `${Date.now()} ${index} ${'installing the dependencies of the application '.repeat(2)}`,
  }))
  return JSON.stringify({
    kind: 'events',
    events: [{ seq, at: new Date().toISOString(), type: 'log.appended', lines }],
  })
}

function sendToAll(sockets: readonly WebSocket[], message: string): void {
  const data = Buffer.from(message)
  for (const socket of sockets) socket.send(data, { binary: false })
}
