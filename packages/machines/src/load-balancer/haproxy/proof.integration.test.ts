import type { ServerRef, ServerState } from '@vesemir/contract'
import type { LoadBalancerSession } from '@vesemir/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '@vesemir/process/free-port'
import { startApp, type App } from '@vesemir/testing/start-app'
import { startBox, type Connected, type TestBox } from './testing/start-box.ts'

let app: App
let box: TestBox
let connected: Connected
let session: LoadBalancerSession

beforeAll(async () => {
  app = await startApp()
  const server = (more = '') => `server web-1 127.0.0.1:${app.port} check inter 300ms rise 3 fall 2 weight 100 ${more}`
  box = await startBox(`
backend plain
  option httpchk GET /
  ${server()}
backend sticky
  cookie SERVER insert
  option httpchk GET /
  ${server('cookie web-1')}
backend tcp
  mode tcp
  option httpchk GET /
  ${server()}
backend strict
  option httpchk GET /
  ${server('fall 1')}`)
})
afterAll(() => Promise.all([box, app].map((part) => part[Symbol.asyncDispose]())))
beforeEach(async () => {
  app.isHealthy = true
  connected = box.connect()
  session = await connected.open()
})
afterEach(async () => {
  await connected[Symbol.asyncDispose]()
  await box.haproxy.reload()
})

const web1 = (backend: string): ServerRef => ({ box: box.name, backend, server: 'web-1' })

async function demandProof(backend: string): Promise<ServerState> {
  const [state] = await session.demandProof([{ server: web1(backend), weight: 50 }])
  return state!
}

async function healthOf(backend: string): Promise<ServerState['health']> {
  const [state] = await session.read([web1(backend)])
  return state!.health
}

/** Holds web-1 in maintenance, and waits until the check that was under way has ended: 1 in srv_check_state says that one is. */
async function hold(backend: string): Promise<void> {
  await session.hold([web1(backend)])
  const isBeingChecked = async () => {
    const table = await box.haproxy.ask(`show servers state ${backend}`)
    const row = table.split('\n').find((line) => line.includes(' web-1 '))
    return (Number(row?.split(' ')[13]) & 1) === 1
  }
  await vi.waitUntil(async () => !(await isBeingChecked()), { timeout: 5_000, interval: 10 })
}

test('the next check is the proof of a server that was held in maintenance', async () => {
  await hold('plain')

  const state = await demandProof('plain')
  await vi.waitUntil(async () => (await healthOf('plain')) === 'up', { timeout: 5_000, interval: 10 })

  expect(state).toMatchObject({ admin: 'drain', health: 'unproven', weight: 50 })
})

test('the next check takes it down when it fails, and it comes up when it is healthy again', async () => {
  await hold('plain')
  app.isHealthy = false

  await demandProof('plain')
  await vi.waitUntil(async () => (await healthOf('plain')) === 'down', { timeout: 5_000, interval: 10 })
  app.isHealthy = true

  await expect.poll(() => healthOf('plain'), { timeout: 5_000, interval: 10 }).toBe('up')
})

test.each([
  ['sticky', 'clients come back to by a cookie'],
  ['tcp', 'is not HTTP'],
  ['strict', 'one failed check takes down'],
])('a server is down until its checks have risen (%s), which %s', async (backend) => {
  await hold(backend)

  expect(await demandProof(backend)).toMatchObject({ admin: 'drain', health: 'down' })
})

test('a server that was drained and not held is down until its checks have risen', async () => {
  await session.drain([web1('plain')])

  expect(await demandProof('plain')).toMatchObject({ admin: 'drain', health: 'down' })
})

test('a server is down until its checks have risen where a stick table may lead clients to it', async () => {
  const sticking = await startBox(`
backend plain
  stick-table type ip size 1k expire 1m
  stick on src
  server web-1 127.0.0.1:${app.port} check inter 300ms rise 3 fall 2 weight 100`)
  const connected = sticking.connect()
  try {
    const session = await connected.open()
    const server = { box: sticking.name, backend: 'plain', server: 'web-1' }
    await session.hold([server])

    expect(await session.demandProof([{ server, weight: 50 }])).toMatchObject([{ admin: 'drain', health: 'down' }])
  } finally {
    await connected[Symbol.asyncDispose]()
    await sticking[Symbol.asyncDispose]()
  }
})

test('a server that comes out of maintenance with traffic is unconfirmed until a check has passed', async () => {
  const weights = [{ server: web1('plain'), weight: 50 }]
  await hold('plain')

  const [admitted] = await session.admit(weights)
  const isUnconfirmed = async () => (await session.read([web1('plain')]))[0]!.unconfirmed
  await vi.waitUntil(async () => !(await isUnconfirmed()), { timeout: 5_000, interval: 10 })

  expect(admitted).toMatchObject({ admin: 'ready', health: 'up', weight: 50, unconfirmed: true })
})

test('the first check that fails takes it down', async () => {
  await hold('plain')
  app.isHealthy = false

  await session.admit([{ server: web1('plain'), weight: 50 }])

  await expect.poll(() => healthOf('plain'), { timeout: 5_000, interval: 10 }).toBe('down')
})

describe('a box asks its servers', () => {
  const request = () => ({ address: '127.0.0.1', port: app.port, path: '/' })

  test('over the connection that is there', async () => {
    const probes = await session.probesFrom(box.name)

    expect(await probes?.httpGet(request(), { timeoutMs: 5_000 })).toMatchObject({ status: 200 })
  })

  test('not where the socket is reached from the worker', async () => {
    const port = await freePort()
    const straight = await startBox('backend plain', { global: [`stats socket ipv4@127.0.0.1:${port} level admin`] })
    const direct = straight.connect({ options: { socket: `127.0.0.1:${port}`, from: 'worker' } })
    try {
      const session = await direct.open()

      expect(await session.probesFrom(straight.name)).toBeUndefined()
    } finally {
      await direct[Symbol.asyncDispose]()
      await straight[Symbol.asyncDispose]()
    }
  })
})
