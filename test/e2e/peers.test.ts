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
  const timeline = await system.cli('timeline', id)

  const said = 'updated servers of payments perform worse than their peers, by more than maxRegression allows: '
  expect(stdout).toMatch(new RegExp(`${said}[345]\\d\\.\\d% of requests answered 5xx, peers 0\\.0%`))
  expect(timeline.stdout).toMatch(
    /^payments  updated servers \/ old version;.*\nsince     servers  5xx .*\n[\d:]{8}  1 \/ 3    [345]\d\.\d% \/ 0\.0% /m,
  )
  expect(timeline.stdout).toContain(said)
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

test('a canary that answers slowly is seen at its gate by its own answers, and then failed by them while it is watched', async () => {
  await using _load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 120, slowShare: 1 })
  const slow = {
    concurrency: 1,
    // Three times what the old version takes.
    behaviour: { slowMs: 600 },
    loadBalancer: { maxRegression: { responseTime: '120%', minRequests: 30 }, degradationTime: '100ms' },
  }
  const rollout = { gates: [{ afterWave: 1, wait: 'approval' as const }] }
  const settings = { concurrency: [1, 3], acceptLowCapacity: true, rollout }
  const gated = await startDeployment(system, { version: '2.0.0', ...slow, settings })
  const said =
    /perform worse than their peers, by more than maxRegression allows: responds in [67]\d\d ms, peers in 2\d\d ms/
  await expect.poll(async () => (await system.cli('status', gated)).stdout, { timeout: 40_000 }).toMatch(said)
  await system.client.commandDeployment(gated, { command: 'reject' })
  await followToEnd(system, gated)

  const loadBalancer = { ...slow.loadBalancer, degradationTime: '20s' }
  const watched = await startDeployment(system, { version: '2.0.1', ...slow, loadBalancer })
  const { view } = await followToEnd(system, watched)

  const failed = view.hosts.find(({ state }) => state.status === 'failed')!
  expect(failed.state).toMatchObject({ failure: { code: 'SERVER_WORSE' } })
  expect(failed.state).toHaveProperty(
    'failure.message',
    expect.stringMatching(/responds in [67]\d\d ms, peers in 2\d\d ms$/),
  )
})
