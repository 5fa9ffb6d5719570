import { once } from 'node:events'
import type { StreamMessage } from '@vesemir/contract'
import { WebSocket } from 'ws'
import { receiveFromOwner, readTask, report } from './child.ts'
import { Latencies } from './latencies.ts'

// Stands for those who watch. All get the same messages, so each is read once and then known by its bytes: what viewers cost
// must not be what is measured.

export interface ViewersTask {
  /** An address of each deployment. */
  addresses: string[]
  token: string
  /** Of each address. */
  viewers: number
  /** Of the first address, besides. */
  stuckViewers: number
}

/** What the viewers have seen. */
export interface Seen {
  /** The deployment by its place, the last event and the number of lines of each viewer, counted. */
  ends: { deployment: number; lastSeq: number; lines: number; viewers: number }[]
  /** Events that came twice, late or not at all, connections that ended early: in words. */
  faults: string[]
  p50Ms: number
  p99Ms: number
  longestMs: number
}

interface Content {
  kind: StreamMessage['kind']
  first: number
  last: number
  isWhole: boolean
  /** When each line was written. */
  linesAt: number[]
}

interface Viewer {
  socket: WebSocket
  address: string
  lastSeq: number
  lines: number
  hasEnded: boolean
  /** With which code. */
  closed: Promise<number>
}

/** More would have to wait for each other in the server's backlog. */
const handshakesAtOnce = 50
/** So many contents are remembered: viewers are never further apart unless they are slow. */
const rememberedContents = 500

const { addresses, token, viewers, stuckViewers } = readTask<ViewersTask>()
const latencies = new Latencies()
const faults = new Set<string>()
const contents = new Map<string, { data: Buffer; content: Content }>()

const quick = await openAll(addresses.flatMap((address) => Array<string>(viewers).fill(address)))
const stuck = await openAll(Array<string>(stuckViewers).fill(addresses[0]!))
for (const { socket } of stuck) socket.pause()
report({})
for (const code of await Promise.all(quick.map(({ closed }) => closed)))
  if (code !== 1000) faults.add(`a connection was closed with ${code}`)
report(sumUp(quick))
await receiveFromOwner()
for (const { socket } of stuck) socket.resume()
await Promise.all(stuck.map(readToTheEnd))
report(sumUp(stuck))
process.disconnect()

async function openAll(targets: readonly string[]): Promise<Viewer[]> {
  const opened: Viewer[] = []
  for (let at = 0; at < targets.length; at += handshakesAtOnce)
    opened.push(...(await Promise.all(targets.slice(at, at + handshakesAtOnce).map(open))))
  return opened
}

async function open(address: string): Promise<Viewer> {
  const socket = connect(address)
  const closed = once(socket, 'close').then(([code]) => Number(code))
  const viewer: Viewer = { socket, address, lastSeq: 0, lines: 0, hasEnded: false, closed }
  socket.on('message', (data: Buffer) => take(viewer, data))
  await once(socket, 'open')
  return viewer
}

function connect(address: string): WebSocket {
  const headers = { authorization: `Bearer ${token}` }
  return new WebSocket(address, { headers, perMessageDeflate: false, skipUTF8Validation: true })
}

/** Who has not read for a minute has answered no ping, and was let go: it comes back where it was, as every client has to. */
async function readToTheEnd(viewer: Viewer): Promise<void> {
  await viewer.closed
  while (!viewer.hasEnded) {
    const socket = connect(`${viewer.address}?after=${viewer.lastSeq}`)
    socket.on('message', (data: Buffer) => take(viewer, data))
    await once(socket, 'close')
  }
}

function take(viewer: Viewer, data: Buffer): void {
  const content = read(data)
  if (content.kind === 'trimmed') faults.add('events were trimmed')
  if (content.kind === 'ended') viewer.hasEnded = true
  if (content.kind !== 'events' || content.last === 0) return
  const isNext = content.isWhole && content.first === viewer.lastSeq + 1
  if (!isNext) faults.add(`after event ${viewer.lastSeq} came ${content.first} to ${content.last}`)
  viewer.lastSeq = content.last
  viewer.lines += content.linesAt.length
  const nowMs = Date.now()
  for (const atMs of content.linesAt) latencies.add(nowMs - atMs)
}

/** The first bytes hold the first event's number and moment; that the rest is the same is looked at in every case. */
function read(data: Buffer): Content {
  const key = `${data.length} ${data.toString('latin1', 0, 160)}`
  const known = contents.get(key)
  if (known?.data.equals(data)) return known.content
  const content = parse(data)
  contents.set(key, { data: Buffer.from(data), content })
  if (contents.size > rememberedContents) contents.delete(contents.keys().next().value!)
  return content
}

function parse(data: Buffer): Content {
  const message = JSON.parse(data.toString()) as StreamMessage
  const events = message.kind === 'events' ? message.events : []
  const lines = events.flatMap((event) => (event.type === 'log.appended' ? event.lines : []))
  const first = events[0]?.seq ?? 0
  return {
    kind: message.kind,
    first,
    last: events.at(-1)?.seq ?? 0,
    isWhole: events.every(({ seq }, index) => seq === first + index),
    linesAt: lines.map(({ text }) => Number(text.slice(0, text.indexOf(' ')))),
  }
}

function sumUp(all: readonly Viewer[]): Seen {
  const ends = new Map<string, Seen['ends'][number]>()
  for (const { address, lastSeq, lines, hasEnded } of all) {
    if (!hasEnded) faults.add('a viewer was not told of the end')
    const key = `${address} ${lastSeq} ${lines}`
    const end = ends.get(key) ?? { deployment: addresses.indexOf(address), lastSeq, lines, viewers: 0 }
    ends.set(key, { ...end, viewers: end.viewers + 1 })
  }
  return {
    ends: [...ends.values()],
    faults: [...faults].slice(0, 5),
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    longestMs: latencies.quantile(1),
  }
}
