import { HaproxySettings, type HostTarget, type ServerRef } from '@vesemir/contract'
import { isVesemirError, type LoadBalancerSession } from '@vesemir/core'
import { get } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSystemClock } from '../../clock/index.ts'
import { createSsh } from '../../remote-shell/index.ts'
import { failOnLeaks } from '../../remote-shell/ssh/testing/fail-on-leaks.ts'
import { freePort, startSshd, type Sshd } from '../../remote-shell/ssh/testing/start-sshd.ts'
import { createLoadBalancers, LoadBalancersOptions } from '../index.ts'
import { startApp, type App } from './testing/start-app.ts'
import { startHaproxy, type Haproxy } from './testing/start-haproxy.ts'

let sshd: Sshd
let haproxy: Haproxy
let web1: App
let web2: App
let frontendPort: number
let proxies: string

beforeAll(async () => {
  sshd = await startSshd()
  web1 = await startApp()
  web2 = await startApp()
  frontendPort = await freePort()
  // The frontend has the backend's name: HAProxy allows it, and confuses the two in its statistics.
  proxies = `frontend app
  bind 127.0.0.1:${frontendPort}
  default_backend app
backend app
  balance roundrobin
  option httpchk GET /healthz
  default-server inter 50ms rise 2 fall 3 weight 100
  server web-1 127.0.0.1:${web1.port} check
  server second 127.0.0.1:${web2.port} check
backend other
  server web-1 127.0.0.1:${web1.port} weight 10
  server second 127.0.0.1:${web2.port} weight 10
backend source
  balance source
  server web-1 127.0.0.1:${web1.port} weight 10`
  haproxy = await startHaproxy(proxies)
  await haproxy.untilShown(/(?:L7OK[^]*){2}/)
})
afterAll(async () => {
  await Promise.all([haproxy, sshd, web1, web2].map((part) => part[Symbol.asyncDispose]()))
})

const host = (name: string, address = '127.0.0.1'): HostTarget => ({
  name,
  address,
  port: 22,
  user: 'nobody',
  hostKeys: [],
})
const ref = (server: string, backend = 'app'): ServerRef => ({ box: 'web-1', backend, server })

function connect(given: { backends?: string[]; serverPort?: number; options?: object; sshd?: Sshd } = {}) {
  const { backends = ['app'], serverPort, options = {} } = given
  const { target, options: sshOptions } = given.sshd ?? sshd
  const deps = { remoteShell: createSsh(sshOptions, { env: {} }), clock: createSystemClock() }
  const settings = HaproxySettings.parse({
    kind: 'haproxy',
    boxes: { names: ['lb1'] },
    backends,
    ...(serverPort === undefined ? {} : { serverPort }),
  })
  const balancers = createLoadBalancers(
    LoadBalancersOptions.parse({ haproxy: { socket: haproxy.socket, ...options } }),
    deps,
  )
  return { balancers, open: () => balancers.open([target], settings) }
}

async function codeOf(doing: Promise<unknown>): Promise<string> {
  const outcome = await doing.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome.code
}

describe('a session with HAProxy', () => {
  let close: () => Promise<void>
  let session: LoadBalancerSession
  failOnLeaks()
  beforeEach(async () => {
    const { balancers, open } = connect({ backends: ['app', 'other'] })
    session = await open()
    close = async () => {
      await session[Symbol.asyncDispose]()
      await balancers[Symbol.asyncDispose]()
    }
  })
  afterEach(async () => {
    const servers = ['app/web-1', 'app/second', 'other/web-1']
    await haproxy.ask(servers.map((name) => `set server ${name} weight 100%; set server ${name} state ready`).join(';'))
    await close()
  })

  test('finds servers by name in every backend', async () => {
    const found = await session.locate([host('web-1'), host('second')])

    expect(found).toEqual([
      [ref('web-1'), ref('web-1', 'other')],
      [ref('second'), ref('second', 'other')],
    ])
  })

  test('reads servers as they are', async () => {
    const [server, other] = await session.read([ref('web-1'), ref('web-1', 'other')])

    expect(server).toEqual({
      ...ref('web-1'),
      admin: 'ready',
      health: 'up',
      checked: true,
      weight: 100,
      initialWeight: 100,
      sessions: 0,
    })
    expect(other).toMatchObject({ checked: false, weight: 10 })
  })

  test('drains, holds, and brings back at another weight', async () => {
    const [drained] = await session.drain([ref('web-1')])
    const [held] = await session.hold([ref('web-1')])
    const [proving] = await session.demandProof([{ server: ref('web-1'), weight: 50 }])
    await vi.waitFor(async () => expect(await session.read([ref('web-1')])).toMatchObject([{ health: 'up' }]))
    const [admitted] = await session.admit([{ server: ref('web-1'), weight: 50 }])

    expect(drained).toMatchObject({ admin: 'drain' })
    expect(held).toMatchObject({ admin: 'maint' })
    expect(proving).toMatchObject({ admin: 'drain', health: 'down', weight: 50 })
    expect(admitted).toMatchObject({ admin: 'ready', health: 'up', weight: 50 })
  })

  test('counts sessions, and cuts them', async () => {
    await session.drain([ref('second')])
    const answered = new Promise((resolve, reject) => {
      get({ port: frontendPort, path: '/hang', agent: false }, ({ statusCode }) => resolve(statusCode)).on(
        'error',
        reject,
      )
    })
    await vi.waitFor(() => expect(web1.hanging).toHaveLength(1))

    const [busy] = await session.read([ref('web-1')])
    await session.cutSessions([ref('web-1')])

    expect(busy).toMatchObject({ sessions: 1 })
    expect(await answered).toBe(502)
    web1.hanging = []
  })

  test('shows what the new worker knows after a reload', async () => {
    await session.drain([ref('web-1')])

    await haproxy.reload()

    expect(await session.read([ref('web-1')])).toMatchObject([{ admin: 'ready' }])
  })

  test('counts the requests that the worker before a reload still has in hand, until they have ended', async () => {
    await session.drain([ref('second')])
    const answered = new Promise((resolve, reject) => {
      get({ port: frontendPort, path: '/hang', agent: false }, ({ statusCode }) => resolve(statusCode)).on(
        'error',
        reject,
      )
    })
    await vi.waitFor(() => expect(web1.hanging).toHaveLength(1))

    await haproxy.reload()

    expect(await session.read([ref('web-1')])).toMatchObject([{ sessions: 1 }])
    web1.hanging.pop()!.end()
    expect(await answered).toBe(200)
    await vi.waitFor(async () => expect(await session.read([ref('web-1')])).toMatchObject([{ sessions: 0 }]))
  })

  test('changes the new worker after a reload', async () => {
    await session.read([ref('web-1')])

    await haproxy.reload()
    await session.drain([ref('web-1')])

    expect(await haproxy.ask('show stat')).toContain('DRAIN')
  })

  test('lives through a restart', async () => {
    await session.read([ref('web-1')])

    let reading: Promise<unknown> = Promise.resolve()
    await haproxy.restart(async () => {
      reading = session.read([ref('web-1')])
    })

    await expect(reading).resolves.toMatchObject([{ admin: 'ready' }])
  })

  test('refuses what HAProxy does not know', async () => {
    expect(await codeOf(session.read([ref('web-9')]))).toBe('SERVER_UNKNOWN')
    expect(await codeOf(session.read([ref('web-1', 'nope')]))).toBe('BACKEND_UNKNOWN')
    expect(await codeOf(session.drain([ref('web-9')]))).toBe('SERVER_UNKNOWN')
    expect(await codeOf(session.setWeights([{ server: ref('web-1'), weight: 257 }]))).toBe('HAPROXY_REFUSED')
  })
})
