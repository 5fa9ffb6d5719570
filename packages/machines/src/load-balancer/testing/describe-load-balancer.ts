import type { HostTarget, ServerRef, ServerState } from '@vesemir/contract'
import type { LoadBalancerSession } from '@vesemir/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { codeOf } from '@vesemir/testing/code-of'

/**
 * A load balancer with two hosts behind it, that it checks, at weight 100 each. Their servers are those of the first
 * backend; a second backend has the first host alone, unchecked, at weight 10. Each of these has its endpoint.
 */
export interface World extends AsyncDisposable {
  hosts: readonly [HostTarget, HostTarget]
  servers: readonly [ServerRef, ServerRef]
  unchecked: ServerRef
  open(): Promise<LoadBalancerSession>
  /** Makes the first host answer its health check well or badly. */
  setHealthy(isHealthy: boolean): void
  /** Waits until the first host has been checked more often than it takes to be proved. */
  untilChecked(): Promise<void>
  /** Sends a request to whichever host is in rotation, that has no answer until it is cut; gives its end. */
  hang(): Promise<{ ended: Promise<unknown> }>
  /** Makes the load balancer forget every change. */
  reload(): Promise<void>
  /** Takes it away for a moment. */
  restart(during: () => void): Promise<void>
  /** Puts everything back as it was. */
  reset(): Promise<void>
}

/** The contract of `LoadBalancer`: what the walk of a host relies on. */
export function describeLoadBalancer(name: string, start: () => Promise<World>): void {
  describe(`the load balancer ${name}`, () => {
    let world: World
    let session: LoadBalancerSession
    beforeAll(async () => {
      world = await start()
    })
    afterAll(async () => {
      await world[Symbol.asyncDispose]()
    })
    beforeEach(async () => {
      session = await world.open()
    })
    afterEach(async () => {
      world.setHealthy(true)
      await world.reset()
      await session[Symbol.asyncDispose]()
    })
    const untilShown = (wanted: Partial<ServerState>) =>
      vi.waitFor(async () => expect(await session.read([world.servers[0]])).toMatchObject([wanted]), {
        timeout: 5000,
        interval: 10,
      })

    test('finds the servers that stand for hosts, in their order', async () => {
      const [first, second] = world.hosts

      const found = await session.locate([second, first])

      expect(found).toMatchObject({
        hosts: [{ servers: [world.servers[1]] }, { servers: [world.servers[0]] }],
        missing: [],
      })
    })

    test('does not find a host that it does not know', async () => {
      const stranger = { ...world.hosts[0], name: 'web-9', address: '192.0.2.9' }

      expect(await session.locate([stranger])).toEqual({
        hosts: [{ servers: [], byName: [], others: [] }],
        missing: [],
      })
    })

    test('reads servers as they are, in the order asked for', async () => {
      const [unchecked, first] = await session.read([world.unchecked, world.servers[0]])

      const ready = { admin: 'ready', health: 'up', sessions: 0 }
      expect(first).toEqual({ ...world.servers[0], ...ready, checked: true, weight: 100, initialWeight: 100 })
      expect(unchecked).toEqual({ ...world.unchecked, ...ready, checked: false, weight: 10, initialWeight: 10 })
    })

    test('reads all servers of a backend, each once', async () => {
      const peers = await session.readPeers([world.servers[0], world.servers[0]])

      expect(peers.map(({ server }) => server)).toEqual(world.servers.map(({ server }) => server))
    })

    test('drains and takes out for good, any number of times', async () => {
      for (const _ of [1, 2]) expect(await session.drain([world.servers[0]])).toMatchObject([{ admin: 'drain' }])
      for (const _ of [1, 2]) expect(await session.hold([world.servers[0]])).toMatchObject([{ admin: 'maint' }])
    })

    test('counts the sessions of a drained server, and cuts them', async () => {
      await session.drain([world.servers[1]])
      const { ended } = await world.hang()
      await session.drain([world.servers[0]])

      const [busy] = await session.read([world.servers[0]])
      await session.cutSessions([world.servers[0]])
      await ended

      expect(busy).toMatchObject({ sessions: 1 })
      await untilShown({ sessions: 0 })
    })

    test('demands fresh proof of health, drained, with the weight to come', async () => {
      const weights = [{ server: world.servers[0], weight: 50 }]
      await session.drain([world.servers[0]])

      const [unproved] = await session.demandProof(weights)
      await untilShown({ health: 'up' })
      const [admitted] = await session.admit(weights)

      expect(unproved).toMatchObject({ admin: 'drain', health: 'down', weight: 50 })
      expect(admitted).toMatchObject({ admin: 'ready', health: 'up', weight: 50 })
    })

    test('demands it of a server that was taken out for good as well', async () => {
      const weights = [{ server: world.servers[0], weight: 50 }]
      await session.hold([world.servers[0]])

      const [unproved] = await session.demandProof(weights)
      await untilShown({ health: 'up' })

      expect(unproved).toMatchObject({ admin: 'drain', weight: 50 })
      expect(['down', 'unproven']).toContain(unproved?.health)
    })

    test('takes no unhealthy server for proved', async () => {
      world.setHealthy(false)
      await untilShown({ health: 'down' })

      await session.demandProof([{ server: world.servers[0], weight: 50 }])
      await world.untilChecked()

      expect(await session.read([world.servers[0]])).toMatchObject([{ health: 'down' }])
    })

    test('demands nothing of a server that is not checked: it would stay down', async () => {
      const [server] = await session.demandProof([{ server: world.unchecked, weight: 5 }])

      expect(server).toMatchObject({ admin: 'drain', health: 'up', weight: 5 })
    })

    test('sets weights alone', async () => {
      const servers = await session.setWeights(world.servers.map((server, index) => ({ server, weight: index * 256 })))

      expect(servers).toMatchObject([
        { weight: 0, admin: 'ready' },
        { weight: 256, admin: 'ready' },
      ])
    })

    test('refuses what it cannot do', async () => {
      const unknown = { ...world.servers[0], server: 'web-9' }
      const elsewhere = { ...world.servers[0], backend: 'nowhere' }

      expect(await codeOf(session.drain([unknown]))).toBe('SERVER_UNKNOWN')
      expect(await codeOf(session.cutSessions([unknown]))).toBe('SERVER_UNKNOWN')
      expect(await codeOf(session.readPeers([elsewhere]))).toBe('BACKEND_UNKNOWN')
      expect(await codeOf(session.setWeights([{ server: world.servers[0], weight: 257 }]))).toBe(
        'LOAD_BALANCER_REFUSED',
      )
    })

    test('shows what is so after a reload, and changes that', async () => {
      await session.drain([world.servers[0]])

      await world.reload()
      const [forgotten] = await session.read([world.servers[0]])
      await session.drain([world.servers[0]])
      const [seenByOthers] = await (await world.open()).read([world.servers[0]])

      expect(forgotten).toMatchObject({ admin: 'ready' })
      expect(seenByOthers).toMatchObject({ admin: 'drain' })
    })

    test.for([
      ['a reload', (world: World) => world.reload()],
      ['a restart', (world: World) => world.restart(() => {})],
    ] as const)('tells of %s, and of none before', async ([, forget]) => {
      const signal = AbortSignal.timeout(10_000)
      const told = session.untilReloaded([world.servers[0]], { noticeMs: 10, signal })
      const early = await Promise.race([told.then(() => 'told'), world.untilChecked().then(() => 'nothing')])

      await forget(world)

      expect(early).toBe('nothing')
      await told
    })

    test('stops telling when its caller gives up', async () => {
      const controller = new AbortController()
      const told = session.untilReloaded([world.servers[0]], { noticeMs: 10, signal: controller.signal })

      controller.abort(new Error('enough'))

      await expect(told).rejects.toThrow('enough')
    })

    test('waits out a restart', async () => {
      await session.drain([world.servers[0]])

      let reading: Promise<unknown> = Promise.resolve()
      await world.restart(() => {
        reading = session.read([world.servers[0]])
      })

      expect(await reading).toMatchObject([{ admin: 'ready' }])
    })

    test('stops waiting when its caller gives up', async () => {
      const controller = new AbortController()
      let reading: Promise<unknown> = Promise.resolve()

      await world.restart(() => {
        reading = session.read([world.servers[0]], controller.signal).catch((error: unknown) => error)
        controller.abort(new Error('cancelled'))
      })

      expect(await reading).toMatchObject({ message: 'cancelled' })
    })
  })
}
