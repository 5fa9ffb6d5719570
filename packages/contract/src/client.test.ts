import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  createClient,
  type DeploymentEvent,
  type Problem,
  type RestoredNotice,
  type StreamMessage,
  type TrimmedNotice,
} from './index.ts'

const at = '2026-03-01T15:04:05.000Z'
const claimed = (seq: number): DeploymentEvent => ({ seq, at, type: 'deployment.claimed', attempt: seq, worker: 'w' })
const events = (...seqs: number[]): StreamMessage => ({ kind: 'events', events: seqs.map(claimed) })
const ended: StreamMessage = { kind: 'ended' }
const emptyPage = { events: [], next: 0, trimmed: [], ended: false }

test('sends the body, the token and the idempotency key, and gives the answer with what a newer API adds', async () => {
  await using api = await startApi({ http: () => [202, { id: 'd-1', links: { self: 's', events: 'e' }, more: 1 }] })

  const client = createClient({ url: `${api.url}/below/`, token: 'secret' })
  const answer = await client.createDeployment(
    { application: 'payments', environment: 'production', version: '2.0.0' },
    { idempotencyKey: 'key-1' },
  )

  expect(answer).toEqual({ id: 'd-1', links: { self: 's', events: 'e' }, more: 1 })
  expect(api.requests).toMatchObject([
    {
      method: 'POST',
      path: '/below/v1/deployments',
      authorization: 'Bearer secret',
      idempotencyKey: 'key-1',
      body: { application: 'payments', environment: 'production', version: '2.0.0' },
    },
  ])
})

test('puts filters in the query and leaves out what is not given', async () => {
  await using api = await startApi({ http: () => [200, { deployments: [] }] })

  await createClient({ url: api.url }).listDeployments({ team: 'shop', limit: 5, status: undefined })

  expect(api.requests[0]!.path).toBe('/v1/deployments?team=shop&limit=5')
  expect(api.requests[0]!.authorization).toBeUndefined()
})

test('signs in and out', async () => {
  const session = { name: 'ada', role: 'deployer', grants: [{ role: 'deployer' }], expiresAt: at }
  await using api = await startApi({ http: ({ method }) => (method === 'DELETE' ? [200, {}] : [200, session]) })
  const client = createClient({ url: api.url })

  const signedIn = await client.createSession('secret')
  const signedOut = await client.deleteSession()

  expect(signedIn).toEqual(session)
  expect(signedOut).toEqual({})
  expect(api.requests).toMatchObject([{ body: { token: 'secret' } }, { method: 'DELETE', path: '/v1/session' }])
})

test('throws the problem document of an answer that is one', async () => {
  const problem = aProblem({ status: 422, code: 'ENVIRONMENT_UNKNOWN', detail: 'payments has no environment "prod"' })
  await using api = await startApi({ http: () => [422, problem] })

  const answer = createClient({ url: api.url }).getApplication('payments')

  await expect(answer).rejects.toMatchObject({ name: 'ApiError', code: 'ENVIRONMENT_UNKNOWN', problem })
})

test('refuses a parameter that would change the address, without sending it', async () => {
  await using api = await startApi({})

  const answer = createClient({ url: api.url }).getDeployment('..')

  await expect(answer).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    message: '".." is not a deployment\'s id, such as "d-42"',
  })
  await expect(createClient({ url: api.url }).getApplication('..')).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  expect(api.requests).toEqual([])
})

test('says API_UNREACHABLE when nothing listens, and when something else than the API does', async () => {
  const api = await startApi({ http: () => [502, '<h1>Bad Gateway</h1>'] })
  const client = createClient({ url: api.url })

  const gateway = await client.listApplications().catch((error: unknown) => error)
  await api[Symbol.asyncDispose]()
  const nothing = await client.listApplications().catch((error: unknown) => error)

  expect(gateway).toMatchObject({
    code: 'API_UNREACHABLE',
    message: `${api.url} returned 502, not an answer of a Vesemir API`,
  })
  expect(nothing).toMatchObject({ code: 'API_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') })
})

test('says that versions differ when an answer is not of the known form', async () => {
  await using api = await startApi({ http: () => [200, { status: 'up' }] })

  const answer = createClient({ url: api.url }).listDeployments()

  await expect(answer).rejects.toMatchObject({
    code: 'INTERNAL',
    problem: { hint: 'Use a client of the same version as the API.' },
  })
})

test('follows events to the end, with the token', async () => {
  const sent: StreamMessage[] = [events(1, 2), { kind: 'trimmed', from: 3, to: 5 }, events(6), ended]
  await using api = await startApi({ sockets: [{ sent, close: 1000 }] })

  const items = await readAll(createClient({ url: api.url, token: 'secret' }).followEvents('d-1'))

  expect(items).toEqual([1, 2, '3-5', 6])
  expect(api.handshakes).toEqual([{ path: '/v1/deployments/d-1/events?after=0', authorization: 'Bearer secret' }])
})

test('resumes after the last event when connections break, without a gap or a repeat', async () => {
  await using api = await startApi({
    sockets: [
      { sent: [events(1, 2)], close: 'broken' },
      { sent: [events(2, 3)], close: 1012 },
      { sent: [events(5), ended], close: 1000 },
    ],
    http: ({ path }) => [200, path.includes('after=3') ? { ...emptyPage, events: [claimed(4)], next: 4 } : emptyPage],
  })

  const items = await readAll(createClient({ url: api.url }).followEvents('d-1', { retryMs: 1 }))

  expect(items).toEqual([1, 2, 3, 4, 5])
  expect(api.handshakes.map(({ path }) => path.split('=')[1])).toEqual(['0', '2', '4'])
})

test('follows over a loss of events, with the epoch that each cursor is of', async () => {
  const page = (...seqs: number[]) => ({ ...emptyPage, events: seqs.map(claimed), next: seqs.at(-1), epoch: 'b2' })
  await using api = await startApi({
    sockets: [
      { sent: [{ kind: 'events', events: [1, 2, 3, 4].map(claimed), epoch: 'a1' }], close: 'broken' },
      { sent: [{ kind: 'restored', after: 3, epoch: 'c3' }, events(4), ended], close: 1000 },
    ],
    http: () => [200, { ...page(3, 4), restored: { after: 2 } }],
  })

  const items = await readAll(createClient({ url: api.url }).followEvents('d-1', { retryMs: 1 }))

  expect(items).toEqual([1, 2, 3, 4, 'restored after 2', 3, 4, 'restored after 3', 4])
  expect(api.requests.map(({ path }) => path)).toEqual(['/v1/deployments/d-1/events?after=4&epoch=a1'])
  expect(api.handshakes.at(-1)!.path).toBe('/v1/deployments/d-1/events?after=4&epoch=b2')
})

test('takes no event for one that was trimmed, and tells of trimmed lines once', async () => {
  const notices: StreamMessage[] = [
    { kind: 'trimmed', from: 2, to: 3 },
    { kind: 'trimmed', from: 5, to: 6 },
  ]
  await using api = await startApi({
    sockets: [
      { sent: [...notices, events(1, 4)], close: 1012 },
      { sent: [notices[1]!, events(7), ended], close: 1000 },
    ],
    http: () => [200, emptyPage],
  })

  const items = await readAll(createClient({ url: api.url }).followEvents('d-1'))

  expect(items).toEqual(['2-3', '5-6', 1, 4, 7])
})

test('reads pages where no WebSocket gets through', async () => {
  const pages = [
    { ...emptyPage, events: [claimed(1)], next: 1 },
    { ...emptyPage, events: [claimed(4)], trimmed: [{ from: 2, to: 3 }], next: 4, ended: true },
  ]
  await using api = await startApi({ http: () => [200, pages.shift()] })

  const items = await readAll(createClient({ url: api.url }).followEvents('d-1', { retryMs: 1 }))

  expect(items).toEqual([1, '2-3', 4])
})

test.each([
  { status: 401, code: 'UNAUTHENTICATED', close: undefined },
  { status: 404, code: 'DEPLOYMENT_UNKNOWN', close: 4404 },
  { status: 400, code: 'REQUEST_INVALID', close: 4400 },
])('ends with the error of the API: $code', async ({ status, code, close }) => {
  await using api = await startApi({
    ...(close === undefined ? {} : { sockets: [{ sent: [], close }] }),
    http: () => [status, aProblem({ status, code })],
  })

  const items = readAll(createClient({ url: api.url }).followEvents('d-1'))

  await expect(items).rejects.toMatchObject({ code })
})

test('says when the API is away and when it is back', async () => {
  const changes: string[] = []
  const answers: Answer[] = [
    [503, aProblem({ status: 503, code: 'REDIS_UNREACHABLE' })],
    [503, aProblem({ status: 503, code: 'REDIS_UNREACHABLE' })],
    [200, { ...emptyPage, ended: true }],
  ]
  await using api = await startApi({ http: () => answers.shift()! })

  await readAll(
    createClient({ url: api.url }).followEvents('d-1', {
      retryMs: 1,
      onConnection: (change) => changes.push(change.state === 'lost' ? change.error.code : change.state),
    }),
  )

  expect(changes).toEqual(['REDIS_UNREACHABLE', 'back'])
})

test('gives up when the API stays away for longer than patience lasts', async () => {
  const api = await startApi({})
  await api[Symbol.asyncDispose]()

  const items = readAll(createClient({ url: api.url }).followEvents('d-1', { patienceMs: 0 }))

  await expect(items).rejects.toMatchObject({ code: 'API_UNREACHABLE' })
})

test('passes on events of a newer API, of a type and with values that are not known here', async () => {
  const newer = [
    { seq: 1, at, type: 'host.moved', to: 'zone-b' },
    { ...claimed(2), worker: { name: 'w' } },
  ] as unknown as DeploymentEvent[]
  await using api = await startApi({ sockets: [{ sent: [{ kind: 'events', events: newer }, ended], close: 1000 }] })

  const items: unknown[] = []
  for await (const item of createClient({ url: api.url }).followEvents('d-1')) items.push(item)

  expect(items).toEqual(newer)
})

test.each([
  { kind: 'news' },
  { kind: 'events', events: 1 },
  { kind: 'events', events: [null] },
  { kind: 'events', events: [{ seq: '1', at, type: 'deployment.claimed' }] },
])('says that versions differ when a message is no such thing: %j', async (message) => {
  await using api = await startApi({ sockets: [{ sent: [message as unknown as StreamMessage], close: 1000 }] })

  const items = readAll(createClient({ url: api.url }).followEvents('d-1'))

  await expect(items).rejects.toMatchObject({
    code: 'INTERNAL',
    problem: { hint: 'Use a client of the same version as the API.' },
  })
})

test('ends when its signal is aborted, and closes the connection', async () => {
  await using api = await startApi({ sockets: [{ sent: [events(1)] }] })
  const controller = new AbortController()

  const seen: unknown[] = []
  const following = (async () => {
    for await (const item of createClient({ url: api.url }).followEvents('d-1', { signal: controller.signal })) {
      seen.push(item)
      controller.abort(new Error('enough'))
    }
  })()

  await expect(following).rejects.toThrow('enough')
  expect(seen).toHaveLength(1)
  await api.allClosed()
})

type Answer = [status: number, body: unknown]

interface Request {
  method: string | undefined
  path: string
  authorization: string | undefined
  idempotencyKey: unknown
  body: unknown
}

interface Script {
  http?: (request: Request) => Answer
  /** What each connection sends, in turn, and how it is closed; there are no more than these. */
  sockets?: { sent: StreamMessage[]; close?: number | 'broken' }[]
}

async function startApi({ http = () => [404, ''], sockets = [] }: Script) {
  const requests: Request[] = []
  const handshakes: { path: string; authorization: string | undefined }[] = []
  const wss = new WebSocketServer({ noServer: true })
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url: path = '', headers } = request
    const text = (await request.toArray()).join('')
    const body = text === '' ? undefined : (JSON.parse(text) as unknown)
    const { authorization } = headers
    requests.push({ method, path, authorization, idempotencyKey: headers['idempotency-key'], body })
    const [status, content] = http(requests.at(-1)!)
    response.writeHead(status).end(typeof content === 'string' ? content : JSON.stringify(content))
  }
  const server = createServer((request, response) => void answer(request, response))
  server.on('upgrade', (request, socket, head) => {
    const script = sockets[handshakes.length]
    if (!script) return socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n')
    handshakes.push({ path: request.url!, authorization: request.headers.authorization })
    return wss.handleUpgrade(request, socket, head, (ws: WebSocket) => {
      for (const message of script.sent) ws.send(JSON.stringify(message))
      if (script.close === 'broken') socket.end()
      else if (script.close !== undefined) ws.close(script.close)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    handshakes,
    allClosed: () => Promise.all([...wss.clients].map((ws) => once(ws, 'close'))),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      for (const ws of wss.clients) ws.terminate()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function readAll(items: ReturnType<ReturnType<typeof createClient>['followEvents']>) {
  const seen: (number | string)[] = []
  for await (const item of items) seen.push('kind' in item ? wordsOf(item) : item.seq)
  return seen
}

function wordsOf(notice: TrimmedNotice | RestoredNotice): string {
  return notice.kind === 'trimmed' ? `${notice.from}-${notice.to}` : `restored after ${notice.after}`
}

function aProblem(changes: Partial<Problem>): Problem {
  return { type: 'about:blank', title: 'No', status: 400, detail: 'no', code: 'REQUEST_INVALID', ...changes }
}
