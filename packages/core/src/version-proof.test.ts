import { HealthCheck, type DeploymentSpec } from '@vesemir/contract'
import { aBalancedSpec } from '@vesemir/contract/testing'
import { describe, expect, it, test } from 'vitest'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'
import { versionProofLack } from './version-proof.ts'

describe('a health check', () => {
  test.for([
    ['by its body', { kind: 'http', port: 80, expectBody: 'build {version}' }],
    ['by a header', { kind: 'http', port: 80, expectHeaders: { 'x-version': '{version}' } }],
    ['by a command that reads it', { kind: 'command', command: 'shop --version | grep -F "$VESEMIR_VERSION"' }],
  ])('proves the version %s', ([, check]) => {
    expect(versionProofLack(HealthCheck.parse(check))).toBeUndefined()
  })

  test.for([
    ['by its status alone', { kind: 'http', port: 80, path: '/up' }, '/up passes with any version'],
    ['by a fixed body', { kind: 'http', port: 80, expectBody: 'ok' }, "add expectBody: '{version}'"],
    ['by a connection', { kind: 'tcp', port: 80 }, 'shows only that something listens'],
    ['by a command that does not read it', { kind: 'command', command: 'shop ping' }, '$VESEMIR_VERSION'],
  ] as const)('does not prove the version %s', ([, check, words]) => {
    expect(versionProofLack(HealthCheck.parse(check))).toContain(words)
  })
})

const fallsBack = (fleet: SimulatedFleet) => (fleet.machines.get('web-1')!.running = '1.0.0')

function aRollout({
  hosts = 2,
  backends = ['app'],
  loadBalancer = {},
  healthCheck = {},
  rollout = {},
}: { hosts?: number; backends?: string[]; loadBalancer?: object; healthCheck?: object; rollout?: object } = {}) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts, boxes: 1, backends })
  const balanced = aBalancedSpec({
    acceptLowCapacity: true,
    loadBalancer: { backends: backends.length > 0 ? backends : ['app'], degradationTime: '10s', ...loadBalancer },
    healthCheck,
    rollout,
  })
  const spec: DeploymentSpec = backends.length > 0 ? balanced : { ...balanced, loadBalancer: { kind: 'none' } }
  const workers = new SimulatedWorkers(clock, fleet, spec)
  return { clock, fleet, workers, run: () => clock.run(workers.runToTheEnd()) }
}

describe('a host that falls back to the version before is taken out', () => {
  const taken = { status: 'failed', traffic: 'drained', failure: { code: 'VERSION_CHANGED' } }

  it.each(['soak', 'restore'] as const)('when it does in %s', async (step) => {
    const { fleet, workers, run } = aRollout()
    workers.atStep(step, () => fallsBack(fleet))

    await run()

    expect(workers.host('web-1').state).toMatchObject(taken)
    expect(workers.host('web-2').state.status).toBe('pending')
    expect(fleet.show(fleet.serversOf('web-1'))).toMatchObject([{ admin: 'maint' }])
  })

  it('without a degradation time', async () => {
    const { fleet, workers, run } = aRollout({ loadBalancer: { degradationTime: '0s' } })
    workers.atStep('soak', () => fallsBack(fleet))

    await run()

    expect(workers.host('web-1').state).toMatchObject(taken)
  })

  it('at a later one of several weights, before it gets its full weight', async () => {
    const { clock, fleet, workers, run } = aRollout({ loadBalancer: { weights: ['10%', '50%'] } })
    workers.atStep('soak', () => void clock.sleep(15_000).then(() => fallsBack(fleet)))

    await run()

    expect(workers.host('web-1').state).toMatchObject(taken)
    expect(workers.host('web-1').steps.at(-1)).toMatchObject({ step: 'soak', status: 'failed' })
  })

  it('by the worker that takes a soak over from a dead one', async () => {
    const { fleet, workers, run } = aRollout()
    workers.atStep('soak', () => {
      fallsBack(fleet)
      workers.crashNext()
    })

    await run()

    expect(workers.crashes).toBe(1)
    expect(workers.host('web-1').state).toMatchObject(taken)
  })

  it('not below minHealthy: it serves on as before, and the record says so', async () => {
    const { fleet, workers, run } = aRollout({ loadBalancer: { guardTimeout: '1m' } })
    workers.atStep('restore', () => {
      fallsBack(fleet)
      for (const line of fleet.lines.filter(({ host }) => host === 'web-2')) line.admin = 'maint'
    })

    await run()

    expect(workers.host('web-1').state).toMatchObject({
      status: 'failed',
      traffic: 'restored',
      failure: { message: expect.stringContaining('left in service: 0 of 2 servers') as string },
    })
    expect(fleet.show(fleet.serversOf('web-1'))).toMatchObject([{ admin: 'ready', weight: 100 }])
  })

  it('nowhere, without a load balancer: it fails all the same', async () => {
    const { fleet, workers, run } = aRollout({ backends: [] })
    workers.atStep('restore', () => fallsBack(fleet))

    await run()

    expect(workers.host('web-1').state).toMatchObject({ status: 'failed', failure: { code: 'VERSION_CHANGED' } })
  })
})

/** As an application that its load balancer takes for well. */
function failsItsOwnCheck(fleet: SimulatedFleet, untilMs: number) {
  fleet.machines.get('web-1')!.healthyAtMs = untilMs
  for (const line of fleet.lines) delete line.downSinceMs
}

describe('in a soak', () => {
  it('a check that fails for a while is no failure', async () => {
    const { clock, fleet, workers, run } = aRollout({ hosts: 1, loadBalancer: { minHealthy: 0 } })
    workers.atStep('soak', () => failsItsOwnCheck(fleet, clock.elapsedMs + 5000))

    await run()

    expect(workers.host('web-1').state).toMatchObject({ status: 'succeeded', isVersionProven: true })
  })

  it('but one that does not pass at the end any more is', async () => {
    const { fleet, workers, run } = aRollout({ healthCheck: { deadline: '3s' } })
    workers.atStep('soak', () => failsItsOwnCheck(fleet, Infinity))

    await run()

    expect(workers.host('web-1').state).toMatchObject({
      traffic: 'drained',
      failure: {
        code: 'HEALTH_CHECK_FAILED',
        message: 'web-1 has been unhealthy for 3s: / returned 503, expected 200',
      },
    })
  })

  it.each([
    ['10s', 11],
    ['10m', 11],
    ['0s', 1],
  ])('of %s the application is asked at most %i times', async (degradationTime, most) => {
    const { fleet, workers, run } = aRollout({ hosts: 1, loadBalancer: { minHealthy: 0, degradationTime } })
    let before = 0
    workers.atStep('soak', () => (before = fleet.asked.length))
    let after = 0
    workers.atStep('restore', () => (after = fleet.asked.length))

    await run()

    expect(after - before).toBeGreaterThan(0)
    expect(after - before).toBeLessThanOrEqual(most)
    expect(fleet.asked.length - after).toBe(1)
  })
})

describe('without a check that proves the version', () => {
  const blind = { healthCheck: { expectBody: undefined } }

  it('the plan warns, and the record says so of each host and of the deployment', async () => {
    const { workers, run } = aRollout(blind)

    await run()

    const { deployment } = workers.view
    expect(deployment.plan?.warnings).toEqual([
      "the health check does not prove the version: / passes with any version; add expectBody: '{version}'",
    ])
    expect(deployment.state).toMatchObject({ status: 'succeeded', note: 'version not proven' })
    expect(workers.host('web-1').state).toMatchObject({ status: 'succeeded', isVersionProven: false })
    expect(workers.host('web-1').steps.find(({ step }) => step === 'verify')?.note).toBe(
      'healthy 2 times in a row; version not proven',
    )
  })

  it('the application is not asked again', async () => {
    const { fleet, workers, run } = aRollout({ hosts: 1, ...blind, loadBalancer: { minHealthy: 0 } })
    let before = 0
    workers.atStep('enable', () => (before = fleet.asked.length))

    await run()

    expect(fleet.asked).toHaveLength(before)
  })
})

it('the way back proves the version before', async () => {
  const { fleet, workers, run } = aRollout({ hosts: 3, rollout: { maxFailures: 1 } })
  await run()
  workers.command({ command: 'rollback' })
  workers.atStep('restore', () => (fleet.machines.get('web-1')!.running = '2.0.0'))

  await run()

  expect(workers.host('web-1').state).toMatchObject({ traffic: 'drained', failure: { code: 'VERSION_CHANGED' } })
  expect(workers.host('web-2').state).toMatchObject({ status: 'rolled-back', isVersionProven: true })
})
