import { once } from 'node:events'
import { StreamMessage, type DeploymentEvent } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 3 } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

test('a WebSocket client that is not ours is cut off again and again, and has every event once and in order', async () => {
  await system.release('1.0.0')
  const { id, links } = await system.client.createDeployment({
    application: 'payments',
    environment: 'production',
    version: '1.0.0',
    concurrency: 2,
    acceptLowCapacity: true,
  })
  const seen: DeploymentEvent[] = []
  let connections = 0

  for (let ended = false; !ended;) {
    connections += 1
    // Cut off after the first messages, whatever is on its way then. A deployment has some twenty, by how they are gathered.
    ended = await read(links.events, { seen, mostMessages: connections < 6 ? 2 : Infinity })
  }

  expect(connections).toBe(6)
  const { deployment, cursor } = await system.client.getDeployment(id)
  expect(deployment.state.status).toBe('succeeded')
  expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: cursor }, (_, index) => index + 1))
  expect(seen).toEqual(await readPages(id))
})

test('without a token there are no events', async () => {
  const socket = new WebSocket(`${system.url.replace('http', 'ws')}/v1/deployments/d-1/events`)

  const [error] = (await once(socket, 'error')) as [Error]

  expect(error.message).toContain('401')
})

/** Reads on from what was seen; gives true at the end of the events, false when it has cut itself off. */
async function read(
  path: string,
  { seen, mostMessages }: { seen: DeploymentEvent[]; mostMessages: number },
): Promise<boolean> {
  const address = new URL(path, system.url)
  address.protocol = 'ws:'
  address.searchParams.set('after', String(seen.at(-1)?.seq ?? 0))
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${system.token}` } })
  const closed = once(socket, 'close')
  let messages = 0
  let ended = false
  socket.on('message', (data: Buffer) => {
    if (messages >= mostMessages) return
    messages += 1
    const message = StreamMessage.parse(JSON.parse(data.toString()))
    if (message.kind === 'events') seen.push(...message.events)
    ended ||= message.kind === 'ended'
    if (messages >= mostMessages) socket.terminate()
  })
  await closed
  return ended
}

async function readPages(id: string): Promise<DeploymentEvent[]> {
  const events: DeploymentEvent[] = []
  for (;;) {
    const page = await system.client.listEvents(id, { after: events.at(-1)?.seq ?? 0, limit: 50 })
    events.push(...page.events)
    if (page.ended) return events
  }
}
