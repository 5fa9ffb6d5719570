import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLoad } from '../../infra/load/start-load.ts'
import { followToEnd } from '../faults/follow.ts'
import { startDeployment } from '../faults/start-deployment.ts'
import { startSystem, type System } from '../support/start-system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 4, boxes: 2 } })
})
afterAll(() => system?.[Symbol.asyncDispose]())

test('a canary that answers 5xx is seen at its gate beside its peers, and next week too', async () => {
  await using _load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 120, slowShare: 0.1 })
  const id = await startDeployment(system, {
    version: '1.0.0',
    concurrency: 1,
    behaviour: { failEvery: 2 },
    loadBalancer: {
      maxRegression: {
        serverErrors: '20%',
        minRequests: 30,
      },
      degradationTime: '100ms',
    },
    settings: {
      concurrency: [1, 3],
      acceptLowCapacity: true,
      rollout: {
        gates: [
          {
            afterWave: 1,
            wait: 'approval',
          },
        ],
      },
    },
  })

  await expect
    .poll(async () => (await system.client.getDeployment(id)).deployment.peers?.samples, { timeout: 40_000 })
    .toBeGreaterThanOrEqual(1)
  const { stdout } = await system.cli('status', id)
  await system.client.commandDeployment(id, { command: 'reject' })
  const { view } = await followToEnd(system, id)
  const { events } = await system.client.listEvents(id)

  const said = 'updated servers of payments perform worse than their peers, by more than maxRegression allows: '
  expect(stdout).toMatch(new RegExp(`${said}[345]\\d\\.\\d% of requests answered 5xx, peers 0\\.0%`))
  const { backends } = view.deployment.peers!
  expect(backends).toMatchObject([
    { backend: 'payments', updated: { servers: 1 }, peers: { servers: 3, serverErrors: 0 } },
  ])
  const samples = events.filter((event) => event.type === 'peers.compared')
  expect(samples.length).toBe(view.deployment.peers!.samples)
  const [{ updated, peers }] = samples[0]!.backends as [(typeof backends)[number]]
  expect(updated.serverErrors / updated.requests).toBeGreaterThan(0.3)
  expect(peers.requests).toBeGreaterThan(2 * updated.requests)
})
