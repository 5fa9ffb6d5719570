import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { createProcessClock } from '@vesemir/testing/process-clock'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLoad } from '../../infra/load/start-load.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

const degradationTimeMs = 3000

let folder: string
let system: System
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 've-clocks-'))
  system = await startSystem({ fleet: { hosts: 3 }, workers: [] })
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test('a worker whose clock is 5 s behind continues the soak of one that is stopped', async () => {
  const behind = await createProcessClock(folder, { name: 'behind', aheadSeconds: -5 })
  await system.startWorker('worker-1')
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 20 })
  const id = await startDeployment('1.0.0', { slowMs: 1500 })
  await until(id, isStartOf('soak'))

  await system.stop('worker-1')
  await system.startWorker('worker-behind', behind.env)

  const { events, view } = await end(id)
  expect(events).toContainEqual(expect.objectContaining({ type: 'host.claimed', worker: 'worker-behind', attempt: 2 }))
  await expectUnharmed(view, events)
  expect((await load.stop()).failures).toEqual({})
  await system.stop('worker-behind')
})

test.each([120, -120])(
  'setting the clock of a worker by %i s in a drain and in a soak changes nothing',
  async (seconds) => {
    const clock = await createProcessClock(folder, { name: `step-${seconds}` })
    const worker = `worker-${Math.abs(seconds)}-${seconds > 0 ? 'ahead' : 'behind'}`
    await system.startWorker(worker, clock.env)
    await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 20 })
    const id = await startDeployment(`2.0.${seconds > 0 ? 0 : 1}`, { slowMs: 1500 })

    await until(id, isStartOf('drain'))
    await clock.setAhead(seconds)
    await until(id, isStartOf('soak'))
    await clock.setAhead(2 * seconds)

    const { events, view } = await end(id)
    await expectUnharmed(view, events)
    expect((await load.stop()).failures).toEqual({})
    await system.stop(worker)
  },
)

/** One host after the other, each soaking long enough to have something happen in between. */
async function startDeployment(version: string, behaviour: { slowMs: number }): Promise<string> {
  await system.release(version, behaviour)
  const { application: name, environment } = system.fleet
  const { loadBalancer } = await system.client.getApplication(name)
  const { id } = await system.client.createDeployment({
    application: name,
    environment,
    version,
    concurrency: 1,
    loadBalancer: { ...loadBalancer!, ...({ degradationTime: `${degradationTimeMs}ms` } as object) },
  })
  return id
}

/** All hosts succeeded, each step took the time that it took, and no event is dated before the one that it followed. */
async function expectUnharmed(view: DeploymentView, events: readonly DeploymentEvent[]): Promise<void> {
  expect(view.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(await untruths(system.fleet, view)).toEqual([])
  const tookMs = Date.parse(events.at(-1)!.at) - Date.parse(events[0]!.at)
  const steps = view.hosts.flatMap(({ steps }) => steps)
  expect(steps.filter(({ durationMs }) => durationMs! < 0 || durationMs! > tookMs)).toEqual([])
  const soaks = steps.filter(({ step }) => step === 'soak')
  expect(soaks.filter(({ durationMs }) => durationMs! < degradationTimeMs)).toEqual([])
  const weights = events.flatMap((event) => (event.type === 'servers.seen' ? event.servers : [])).map((s) => s.weight)
  expect([...new Set(weights)].toSorted((a, b) => a - b)).toEqual([30, 100])
  // Two processes agree on the time to within some milliseconds.
  const stepsBack = events.filter(
    ({ at }, index) => index > 0 && Date.parse(events[index - 1]!.at) - Date.parse(at) > 500,
  )
  expect(stepsBack).toEqual([])
}

async function end(id: string): Promise<{ events: DeploymentEvent[]; view: DeploymentView }> {
  const events = await until(id, ({ type }) => type === 'deployment.ended')
  return { events, view: await system.client.getDeployment(id) }
}

function isStartOf(step: string): (event: DeploymentEvent) => boolean {
  return (event) => event.type === 'step.started' && event.step === step
}

/** Gives the events up to the first that is meant. */
async function until(id: string, isMeant: (event: DeploymentEvent) => boolean): Promise<DeploymentEvent[]> {
  const events: DeploymentEvent[] = []
  for await (const item of system.client.followEvents(id, { signal: AbortSignal.timeout(120_000) })) {
    if ('kind' in item) continue
    events.push(item)
    if (isMeant(item)) return events
  }
  throw new Error(`${id} ended before: ${JSON.stringify(events.at(-1))}`)
}
