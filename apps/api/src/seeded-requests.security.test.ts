import { once } from 'node:events'
import { connect } from 'node:net'
import {
  changes,
  inputCounts,
  oddText,
  oddValue,
  seed,
  seededTimeoutMs,
  withChanges,
  type Change,
} from '@vesemir/testing/seeded-inputs'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { expectedAnswers } from './testing/expected-answers.ts'
import { callers, mayPass, methodOf, routeNames, startFloodedApi, type Caller } from './testing/flooded-api.ts'
import { sendRequest, type SentAnswer, type SentRequest } from './testing/send-request.ts'
import { tokenFor, type Team, type TwoTeams } from './testing/two-teams.ts'

/** Sent at once. */
const batchSize = 100
/** What takes longer hangs; a question takes 100 ms on an idle machine, and many wait for each other here. */
const timeoutMs = 15_000

let server: RedisServer
let api: TwoTeams
beforeAll(async () => {
  server = await startRedis()
})
beforeEach(async () => {
  api = await startFloodedApi(server)
  return () => api[Symbol.asyncDispose]()
})
afterAll(() => server[Symbol.asyncDispose]())

it('sends 10,000 inputs with all tests of seeded inputs', () => {
  expect(Object.values(inputCounts).reduce((sum, count) => sum + count, 0)).toBe(10_000)
})

it(
  `answers every request to every route, and only whom it may (SEED=${seed})`,
  async () => {
    const input = fc.record({
      route: fc.constantFrom(...routeNames),
      team: fc.constantFrom('core' as const, 'fin' as const),
      caller: fc.constantFrom(...callers),
      inBody: fc.option(changes()),
      inPath: fc.option(fc.record({ part: fc.nat(20), text: oddText() })),
      query: fc.option(
        fc.dictionary(fc.oneof(fc.constantFrom('limit', 'after', 'before', 'host', 'cluster'), oddText()), oddText()),
      ),
      raw: fc.option(
        fc.oneof(
          oddText(),
          oddValue().map((value) => JSON.stringify(value)),
        ),
        { freq: 8 },
      ),
      type: fc.constantFrom(
        'application/json',
        'application/json',
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/json; charset=utf-7',
      ),
      headers: fc.constantFrom(
        {},
        {},
        { accept: 'text/event-stream', 'last-event-id': 'x' },
        { 'idempotency-key': 'k'.repeat(201) },
        { cookie: 'vesemir=x' },
      ),
    })
    type Input = typeof input extends fc.Arbitrary<infer Value> ? Value : never
    const toRequest = ({ route, team, caller, ...how }: Input): SentRequest => {
      const { url, payload } = expectedAnswers[route].ask(api[team])
      const [path, query] = url.split('?') as [string, string | undefined]
      const body = how.raw ?? (payload ? JSON.stringify(changed(payload, how.inBody)) : undefined)
      return {
        method: methodOf(route),
        path: changedPath(path, how.inPath) + toQuery(query, how.query),
        headers: {
          ...how.headers,
          ...(caller.authorization ? { authorization: caller.authorization } : {}),
          ...(body === undefined ? {} : { 'content-type': how.type }),
        },
        body,
      }
    }

    const judge = (
      { route, team, caller }: Input,
      { path, body = '' }: SentRequest,
      { status, body: answer }: SentAnswer,
    ) => {
      if (status >= 400) return undefined
      if (!mayPass(caller, { route, team: api[team], text: path + body })) return 'let in'
      return shows(caller, answer) ? "shown another team's" : undefined
    }
    expect(await findFaults(input, { count: inputCounts.requests, toRequest, judge })).toEqual([])
  },
  seededTimeoutMs,
)

it(
  `answers every request to its other addresses, and only whom it may (SEED=${seed})`,
  async () => {
    const queue = 'deployments-eu'
    const input = fc.record({
      method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
      address: fc.constantFrom(
        '/',
        '/livez',
        '/readyz',
        '/sign-in',
        '/sign-in/corp',
        '/sign-in/corp/callback',
        '/docs',
        '/docs/json',
        '/docs/static/index.html',
        '/queues',
        '/queues/view',
        '/queues/api/queues',
        `/queues/api/queues/${queue}/clean/failed`,
        `/queues/api/queues/${queue}/retry/failed`,
        `/queues/api/queues/${queue}/promote`,
        `/queues/api/queues/${queue}/pause`,
        `/queues/api/queues/${queue}/resume`,
        `/queues/api/queues/${queue}/empty`,
        `/queues/api/queues/${queue}/add`,
        `/queues/api/queues/${queue}/d-1`,
        `/queues/api/queues/${queue}/d-1/retry`,
        `/queues/api/queues/${queue}/d-1/logs`,
        `/queues/api/queues/${queue}/d-1/clean`,
        `/queues/api/queues/${queue}/d-1/update-data`,
        '/queues/api/redis-stats',
        '/v1',
        '/v1/deployments/d-1/nothing',
      ),
      caller: fc.constantFrom(...callers),
      inPath: fc.option(fc.record({ part: fc.nat(20), text: oddText() })),
      query: fc.option(
        fc.dictionary(
          fc.constantFrom('activeQueue', 'status', 'page', 'jobsPerPage', 'next', 'code', 'state'),
          oddText(),
        ),
      ),
      body: fc.option(
        fc.oneof(
          oddText(),
          oddValue().map((value) => JSON.stringify(value)),
        ),
      ),
      type: fc.constantFrom('application/json', 'application/x-www-form-urlencoded'),
      accept: fc.constantFrom('text/html', 'application/json'),
    })
    type Input = typeof input extends fc.Arbitrary<infer Value> ? Value : never
    const toRequest = ({ method, address, caller, ...how }: Input): SentRequest => ({
      method,
      path: changedPath(address, how.inPath) + toQuery(undefined, how.query),
      headers: {
        accept: how.accept,
        ...(caller.authorization ? { authorization: caller.authorization } : {}),
        ...(how.body === null || method === 'GET' || method === 'HEAD' ? {} : { 'content-type': how.type }),
      },
      body: method === 'GET' || method === 'HEAD' ? undefined : (how.body ?? undefined),
    })
    const judge = ({ caller, accept }: Input, { path }: SentRequest, { status }: SentAnswer) => {
      if (status >= 400 || !/^\/(?:queues|docs)/.test(path)) return undefined
      if (caller.role === undefined) return status === 303 && accept === 'text/html' ? undefined : 'let in'
      return path.startsWith('/queues') && caller.scope !== 'all' ? 'let in' : undefined
    }
    expect(await findFaults(input, { count: inputCounts.otherRequests, toRequest, judge })).toEqual([])
  },
  seededTimeoutMs,
)

it(
  `outlives whatever comes in on its port (SEED=${seed})`,
  async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'GET / HTTP/1.1\r\n',
        'GET /%zz HTTP/1.1\r\nhost: a\r\n\r\n',
        'GET //// HTTP/9.9\r\n\r\n',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      ),
      fc.constantFrom(
        'content-length: -1\r\n\r\n',
        'transfer-encoding: chunked\r\n\r\nzz\r\n',
        'POST /v1/session HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{',
      ),
      fc.constantFrom(
        'GET /v1/deployments/d-1/events HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
        `x: ${'y'.repeat(20_000)}\r\n`,
      ),
      fc.string({ unit: 'binary', maxLength: 100 }),
    )
    const input = fc.array(line, { minLength: 1, maxLength: 4 })
    for (const batch of batches(input, inputCounts.rawRequests)) {
      const open = await Promise.all(batch.map((lines) => leavesOpen(lines.join(''))))

      expect(batch.filter((_, index) => open[index])).toEqual([])
      await expectWelcome()
    }
  },
  seededTimeoutMs,
)

interface Flood<Input> {
  count: number
  toRequest: (input: Input) => SentRequest
  /** Returns what is wrong with an answer, if anything is. */
  judge: (input: Input, request: SentRequest, answer: SentAnswer) => string | undefined
}

/** Sends so many requests, and returns those whose answers are wrong. */
async function findFaults<Input extends { caller: Caller }>(
  arbitrary: fc.Arbitrary<Input>,
  { count, toRequest, judge }: Flood<Input>,
): Promise<object[]> {
  const faults: object[] = []
  for (const batch of batches(arbitrary, count)) {
    const found = await Promise.all(
      batch.map(async (input) => {
        const request = toRequest(input)
        const answer = await sendRequest(api.url, request, { timeoutMs })
        const fault = answer.status === 0 || answer.status >= 500 ? 'not answered' : judge(input, request, answer)
        return fault === undefined ? [] : [{ fault, caller: input.caller.name, request, answer }]
      }),
    )

    faults.push(...found.flat())
    await expectWelcome()
  }
  return faults
}

/** Returns so many inputs of this seed. */
function batches<Input>(arbitrary: fc.Arbitrary<Input>, count: number): Input[][] {
  const inputs = fc.sample(arbitrary, { seed, numRuns: count })
  expect(inputs).toHaveLength(count)
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, index) =>
    inputs.slice(index * batchSize, (index + 1) * batchSize),
  )
}

/** That somebody of the team is answered as ever, and nobody else. */
async function expectWelcome() {
  const ask = (name: string, { deploymentId }: Team) =>
    sendRequest(
      api.url,
      {
        method: 'GET',
        path: `/v1/deployments/${deploymentId}`,
        headers: { authorization: `Bearer ${tokenFor(name)}` },
      },
      { timeoutMs },
    )
  const [own, foreign] = await Promise.all([ask('viewer-core', api.core), ask('viewer-core', api.fin)])
  expect([own.status, foreign.status]).toEqual([200, 404])
}

/** Whether an answer has something in it that this caller may not see. */
function shows({ scope }: Caller, answer: string): boolean {
  if (scope === 'all') return false
  return /ledger/.test(answer) ? scope !== 'fin' : /payments/.test(answer) && scope !== 'core'
}

function changed(payload: unknown, made: Change[] | null): unknown {
  return made ? withChanges(payload, made) : payload
}

function changedPath(path: string, change: { part: number; text: string } | null): string {
  if (!change) return path
  const parts = path.split('/')
  parts[1 + (change.part % (parts.length - 1))] = /%(?![0-9A-F]{2})/i.test(change.text)
    ? encode(change.text).replaceAll('%25', '%')
    : encode(change.text)
  return parts.join('/')
}

function toQuery(query: string | undefined, more: Record<string, string> | null): string {
  const all = [
    ...(query === undefined ? [] : [query]),
    ...Object.entries(more ?? {}).map(([name, value]) => `${encode(name)}=${encode(value)}`),
  ]
  return all.length === 0 ? '' : `?${all.join('&')}`
}

function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}

/** Sends bytes; returns whether the other side leaves the connection open. */
async function leavesOpen(bytes: string): Promise<boolean> {
  const { hostname: host, port } = new URL(api.url)
  const socket = connect({ host, port: Number(port) })
    .on('error', () => {})
    .resume()
  socket.end(bytes)
  const ending = once(socket, 'close', { signal: AbortSignal.timeout(timeoutMs) })
  return ending.then(
    () => false,
    () => true,
  )
}
