import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { inputCounts, oddText, seed, seededTimeoutMs } from '@vesemir/testing/seeded-inputs'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { callers, startFloodedApi, type Caller } from '../testing/flooded-api.ts'
import { tokenFor, type Team, type TwoTeams } from '../testing/two-teams.ts'
import { openViewer } from '../testing/viewer.ts'

const batchSize = 50
const timeoutMs = 15_000
const goesAfterMs = 200

let server: RedisServer
let api: TwoTeams
beforeAll(async () => {
  server = await startRedis()
  api = await startFloodedApi(server)
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const query = fc.dictionary(fc.constantFrom('after', 'limit', 'host', 'level', 'more'), oddText(), { maxKeys: 2 })

const input = fc.record({
  caller: fc.constantFrom(...callers),
  team: fc.constantFrom('core' as const, 'fin' as const),
  id: fc.option(oddText(), { freq: 3 }),
  query: fc.option(query),
  origin: fc.constantFrom(undefined, undefined, 'https://evil.example', 'null'),
  messages: fc.array(
    fc.oneof(
      oddText(),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.constant(Buffer.alloc(2000)),
    ),
    { maxLength: 3 },
  ),
  /** Bytes that are no frames. */
  bytes: fc.option(fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes))),
})
type Input = typeof input extends fc.Arbitrary<infer Value> ? Value : never

it(
  `answers every handshake, lets in only whom it may, and outlives what they send (SEED=${seed})`,
  async () => {
    const inputs = fc.sample(input, { seed, numRuns: inputCounts.sockets })
    const faults: object[] = []
    for (let sent = 0; sent < inputs.length; sent += batchSize) {
      const batch = inputs.slice(sent, sent + batchSize)
      const came = await Promise.all(batch.map(converse))

      came.forEach((end, index) => {
        const fault = judge(batch[index]!, end)
        if (fault !== undefined) faults.push({ fault, end, ...batch[index]! })
      })
      await expectWelcome()
    }

    expect(inputs).toHaveLength(inputCounts.sockets)
    expect(faults).toEqual([])
    expect(api.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  },
  seededTimeoutMs,
)

type End = { refused: number } | { closed: number } | { refused: 'no answer' } | { closed: 'no end' }

/** Opens a WebSocket, sends what there is, and ends it; returns how it was refused, or closed in the end. */
async function converse({ caller, team, id, query, origin, messages, bytes }: Input): Promise<End> {
  const name = id === null ? api[team].deploymentId : encodeURIComponent(id.toWellFormed())
  const address = `${api.socketUrl}/v1/deployments/${name}/events?${new URLSearchParams(query ?? {}).toString()}`
  const headers = {
    ...(caller.authorization ? { authorization: caller.authorization } : {}),
    ...(origin ? { origin } : {}),
  }
  const socket = new WebSocket(address, { headers })
  socket.on('error', () => {})
  const signal = AbortSignal.timeout(timeoutMs)
  const refused = once(socket, 'unexpected-response', { signal }).then(([, response]) => {
    socket.terminate()
    return { refused: (response as { statusCode: number }).statusCode }
  })
  const closed = once(socket, 'close', { signal }).then(([code]) => ({ closed: code as number }))
  const opened = once(socket, 'open', { signal }).then(() => undefined)
  refused.catch(() => {})
  opened.catch(() => {})
  const refusal = await Promise.race([refused, opened]).catch(() => ({ refused: 'no answer' as const }))
  closed.catch(() => {})
  if (refusal) return refusal
  for (const message of messages) socket.send(message)
  if (bytes) (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(bytes)
  socket.close()
  // Half a frame swallows the goodbye: such a viewer just goes.
  const goes = bytes ? setTimeout(goesAfterMs).then(() => socket.terminate()) : undefined
  const end = await closed.catch(() => ({ closed: 'no end' as const }))
  await goes
  return end
}

function judge({ caller, team, id }: Input, end: End): string | undefined {
  if ('closed' in end) {
    if (end.closed === 'no end' || end.closed === 1011) return 'ended badly'
    const mayWatch = caller.scope === 'all' || caller.scope === team
    return mayWatch && id === null ? undefined : 'let in'
  }
  return end.refused === 'no answer' || end.refused >= 500 ? 'not answered' : undefined
}

/** That the team's own people can watch as ever, and nobody else. */
async function expectWelcome() {
  const watch = (caller: Pick<Caller, 'name'>, { deploymentId }: Team) =>
    openViewer(`${api.socketUrl}/v1/deployments/${deploymentId}/events`, {
      headers: { authorization: `Bearer ${tokenFor(caller.name)}` },
    })
  await expect(watch({ name: 'viewer-core' }, api.fin)).rejects.toMatchObject({ status: 404 })
  const viewer = await watch({ name: 'viewer-core' }, api.core)
  await viewer.until(({ events }) => events().length >= 3)
  viewer.socket.close()
  await viewer.closed
}
