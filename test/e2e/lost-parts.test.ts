import type { DeploymentEvent } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FleetProcess } from '../../infra/fleet/fleet-state.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

let system: System
let worker: FleetProcess
beforeAll(async () => {
  system = await startSystem({ fleet: { hosts: 3 }, workers: [] })
  worker = await system.startWorker('worker-1')
})
afterAll(() => system?.[Symbol.asyncDispose]())

test('a worker that is stopped hands a deployment over in the middle, and no request fails', async () => {
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 20 })
  const id = await startDeployment('1.0.0')
  await until(id, isSoaking('web-1'))

  // In this order: on a busy machine a worker takes longer to start than the soak lasts.
  await system.stop('worker-1')
  worker = await system.startWorker('worker-2')

  await expectTakenOver(id, { by: 'worker-2' })
  expect((await load.stop()).failures).toEqual({})
})

test('a worker that is killed in the middle of a deployment is missed by nobody', async () => {
  await using load = startLoad({ urls: system.fleet.frontends, requestsPerSecond: 20 })
  const id = await startDeployment('2.0.0')
  await until(id, isSoaking('web-1'))

  process.kill(worker.pid, 'SIGKILL')
  await system.startWorker('worker-3')

  await expectTakenOver(id, { by: 'worker-3' })
  expect((await load.stop()).failures).toEqual({})
})

test('Redis is away in the middle of a deployment: it goes on when Redis is back', async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 20 })
  const id = await startDeployment('3.0.0')
  await until(id, isSoaking('web-1'))

  await fleet.stopRedis()
  await fleet.startRedis()

  await expectSuccess(id)
  expect((await load.stop()).failures).toEqual({})
})

test('HAProxy is reloaded in the middle of a deployment: the weights are put back as they should be', async () => {
  const { fleet } = system
  await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 20, resendOnClosed: true })
  const id = await startDeployment('4.0.0')
  await until(id, isSoaking('web-1'))

  await fleet.reloadBox('lb-1')

  const before = (await system.client.getDeployment(id)).cursor
  const reduced = (event: DeploymentEvent) =>
    event.type === 'servers.seen' && event.seq > before && event.servers.every(({ weight }) => weight === 30)
  await until(id, reduced)
  await expectSuccess(id)
  expect((await load.stop()).failures).toEqual({})
})

test('the API is killed while someone follows: the command line connects again and repeats nothing', async () => {
  const id = await startDeployment('5.0.0')
  const following = system.startCli('logs', id, '--follow', '--json')
  await following.printed
  expect((await system.client.getDeployment(id)).deployment.state.status).toBe('running')

  process.kill(system.fleet.processes.find(({ name }) => name === 'api')!.pid, 'SIGKILL')
  await system.startApi()

  const { exit, stdout } = await following.ended
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as DeploymentEvent)
  const { cursor } = await system.client.getDeployment(id)
  expect(exit).toBe(0)
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: cursor }, (_, index) => index + 1))
})

/** Two hosts at once, with a soak that is long enough to lose a worker in. */
async function startDeployment(version: string): Promise<string> {
  await system.release(version)
  const { application: name, environment } = system.fleet
  const { loadBalancer } = await system.client.getApplication(name)
  const { id } = await system.client.createDeployment({
    application: name,
    environment,
    version,
    concurrency: 2,
    acceptLowCapacity: true,
    loadBalancer: { ...loadBalancer!, ...({ degradationTime: '4s' } as object) },
  })
  return id
}

/** The deployment has succeeded, and what the first worker had begun was taken up by the other. */
async function expectTakenOver(id: string, { by }: { by: string }): Promise<void> {
  const events = await until(id, ({ type }) => type === 'deployment.ended')
  const takeovers = events.filter((event) => event.type === 'host.claimed' && event.attempt > 1)
  expect(takeovers.map((event) => 'worker' in event && event.worker)).toContain(by)
  expect(events).toContainEqual(expect.objectContaining({ type: 'deployment.claimed', worker: by, attempt: 2 }))
  await expectSuccess(id)
}

async function expectSuccess(id: string): Promise<void> {
  await until(id, ({ type }) => type === 'deployment.ended')
  const view = await system.client.getDeployment(id)
  expect(view.deployment.state.status).toBe('succeeded')
  expect(view.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
  expect(await untruths(system.fleet, view)).toEqual([])
}

function isSoaking(host: string): (event: DeploymentEvent) => boolean {
  return (event) => event.type === 'step.started' && event.step === 'soak' && event.host === host
}

/** Gives the events up to the first that is meant. */
async function until(id: string, isMeant: (event: DeploymentEvent) => boolean): Promise<DeploymentEvent[]> {
  const events: DeploymentEvent[] = []
  for await (const item of system.client.followEvents(id, { signal: AbortSignal.timeout(60_000) })) {
    if ('kind' in item) continue
    events.push(item)
    if (isMeant(item)) return events
  }
  throw new Error(`${id} ended before`)
}
