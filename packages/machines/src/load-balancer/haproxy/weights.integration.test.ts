import type { ServerRef } from '@vesemir/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LoadBalancerSession } from '@vesemir/core'
import { errorOf } from '@vesemir/testing/code-of'
import { haproxyPrograms } from '@vesemir/testing/haproxy-programs'
import { startAgent, type Agent } from '@vesemir/testing/start-agent'
import { startApp, type App } from '@vesemir/testing/start-app'
import { startBox, type Connected, type TestBox } from './testing/start-box.ts'

describe.each(haproxyPrograms)('HAProxy $version', (program) => {
  let app: App
  let agent: Agent
  let box: TestBox
  let connected: Connected
  let session: LoadBalancerSession

  beforeAll(async () => {
    app = await startApp()
    agent = await startAgent()
    const server = `server web-1 127.0.0.1:${app.port}`
    box = await startBox(
      `backend app
  timeout check 2s
  ${server} check inter 30ms rise 2 weight 100
  server spare 127.0.0.1:${app.port} backup
backend follower
  server web-1 127.0.0.1:${app.port} track app/web-1 weight 100
backend slots
  ${server} check inter 30ms rise 2
  server-template slot 2 127.0.0.1:${app.port} check inter 30ms rise 2 disabled
  server-template named 1 nothing.invalid:80 check init-addr none resolvers none
resolvers none
  nameserver none 127.0.0.1:1
  timeout resolve 100ms
  timeout retry 100ms
backend default
  ${server}
backend hashed
  balance source
  ${server} weight 100
backend consistent
  balance source
  hash-type consistent
  ${server} weight 100
backend static
  balance static-rr
  ${server} weight 100
backend agent
  ${server} weight 100 agent-check agent-port ${agent.port} agent-inter 300ms
backend ramping
  ${server} check inter 30ms rise 2 weight 100 slowstart 60s`,
      { program },
    )
    await box.haproxy.untilShown(/^app,web-1,.*L4OK/m)
  })
  afterAll(async () => {
    await Promise.all([box, agent, app].map((part) => part[Symbol.asyncDispose]()))
  })
  beforeEach(async () => {
    connected = box.connect()
    session = await connected.open()
  })
  afterEach(async () => {
    await connected[Symbol.asyncDispose]()
    await box.haproxy.reload()
  })

  const web1 = (backend: string): ServerRef => ({ box: box.name, backend, server: 'web-1' })
  const halved = (backend: string) => [{ server: web1(backend), weight: 50 }]

  describe('a backend that balances by a static algorithm', () => {
    test('is known as such where HAProxy says so', async () => {
      expect(await session.read([web1('static')])).toMatchObject([{ weightHeldBy: 'algorithm' }])
    })

    test.for(['static', 'hashed'])('keeps the full weight where a reduced one is asked for (%s)', async (backend) => {
      const [proving] = await session.demandProof(halved(backend))
      const [admitted] = await session.admit(halved(backend))
      const [restored] = await session.setWeights([{ server: web1(backend), weight: 100 }])

      expect(proving).toMatchObject({ admin: 'drain', weight: 100, weightHeldBy: 'algorithm' })
      expect(admitted).toMatchObject({ admin: 'ready', weight: 100, weightHeldBy: 'algorithm' })
      expect(restored).toMatchObject({ admin: 'ready', weight: 100 })
    })

    test('can be given nothing', async () => {
      const [server] = await session.setWeights([{ server: web1('hashed'), weight: 0 }])

      expect(server).toMatchObject({ weight: 0 })
    })

    test('is not one when its hash is consistent', async () => {
      const [server] = await session.setWeights(halved('consistent'))

      expect(server).toMatchObject({ weight: 50 })
      expect(server).not.toHaveProperty('weightHeldBy')
    })
  })

  describe('a server whose agent sets its weight', () => {
    test('is brought back at whatever weight the agent says', async () => {
      agent.says = '70%'
      await box.haproxy.untilShown(/^agent,web-1,(?:[^,]*,){16}70,/m)

      const [admitted] = await session.admit(halved('agent'))

      expect(admitted).toMatchObject({ admin: 'ready', weightHeldBy: 'agent' })
    })
  })

  describe('a server that follows another', () => {
    test('goes with it, the proof of health demanded of the one that is checked', async () => {
      const both = [...halved('follower'), ...halved('app')]
      await session.drain(both.map(({ server }) => server))

      const proving = await session.demandProof(both)
      const admitted = await session.admit(both)

      expect(proving).toMatchObject([
        { backend: 'follower', admin: 'drain', health: 'down', checked: true },
        { backend: 'app', admin: 'drain', health: 'down', checked: true },
      ])
      expect(admitted).toMatchObject([{ admin: 'ready' }, { admin: 'ready' }])
    })

    test('cannot be brought back without it, and says so', async () => {
      await box.haproxy.ask('set server app/web-1 state drain')

      const error = await errorOf(session.admit(halved('follower')))

      expect(error.code).toBe('LOAD_BALANCER_REFUSED')
      expect(error.message).toContain('it follows app/web-1')
    })
  })

  test('a slot that the configuration or DNS keeps free is spare, until someone makes it a server', async () => {
    const spare = async () => (await session.readPeers([web1('slots')])).map((server) => [server.server, server.spare])

    const before = await spare()
    await box.haproxy.ask('set server slots/slot1 state ready')
    await box.haproxy.ask('set server slots/slot2 state drain')

    expect(before).toEqual([
      ['web-1', undefined],
      ['slot1', true],
      ['slot2', true],
      ['named1', true],
    ])
    expect(await spare()).toContainEqual(['slot1', undefined])
    expect(await session.read([{ ...web1('slots'), server: 'slot1' }])).not.toHaveProperty('0.spare')
  })

  test('a backup is told from the others', async () => {
    expect(await session.readPeers([web1('app')])).toMatchObject([
      { server: 'web-1' },
      { server: 'spare', backup: true },
    ])
  })

  test('a server of the default weight gets all of it', async () => {
    const [server] = await session.read([web1('default')])
    const [admitted] = await session.admit([{ server: web1('default'), weight: 1 }])

    expect(server).toMatchObject({ weight: 1, initialWeight: 1 })
    expect(admitted).toMatchObject({ weight: 1 })
  })

  test('a server that starts slowly is in service meanwhile', async () => {
    await session.demandProof(halved('ramping'))
    await box.haproxy.untilShown(/^ramping,web-1,(?:[^,]*,){15}(?:DRAIN|UP),/m)

    const [admitted] = await session.admit(halved('ramping'))

    expect(admitted).toMatchObject({ admin: 'ready', health: 'starting', weight: 50 })
  })

  test('a server that starts slowly is drained, held and proven at the weight that was set', async () => {
    const server = web1('ramping')
    await session.hold([server])
    const [admitted] = await session.admit(halved('ramping'))

    const [drained] = await session.drain([server])
    await session.hold([server])
    const [proving] = await session.demandProof([{ server, weight: 60 }])

    expect(admitted).toMatchObject({ health: 'starting', weight: 50 })
    expect(drained).toMatchObject({ admin: 'drain', weight: 50 })
    expect(proving).toMatchObject({ admin: 'drain', weight: 60 })
  })
})
