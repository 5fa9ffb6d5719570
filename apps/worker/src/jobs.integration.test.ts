import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { DeploymentEvent } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { openStores, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

test('a deployment goes through its queues to its end, and its jobs are completed', async () => {
  await using stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1', 'web-2'])
  await using _worker = await startTestWorker('w1', { stores, ports })
  const id = await stores.create('sv restart payments')

  await enqueue(stores, id)
  const view = await untilEnded(stores, id)

  expect(view.deployment.state.status).toBe('succeeded')
  expect(view.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'succeeded'])
  expect(ran).toEqual(['web-1: sv restart payments', 'web-2: sv restart payments'])
  await expect.poll(() => jobStates(stores)).toEqual({ deployments: ['completed'], hosts: ['completed', 'completed'] })
})

test('a deployment that fails fails its jobs', async () => {
  await using stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1', 'web-2'])
  await using _worker = await startTestWorker('w1', { stores, ports })
  const id = await stores.create('fail')

  await enqueue(stores, id)
  const view = await untilEnded(stores, id)

  expect(view.deployment.state.status).toBe('failed')
  await expect.poll(() => jobStates(stores)).toEqual({ deployments: ['failed'], hosts: ['failed'] })
  expect(ran).toEqual(['web-1: fail'])
})

test('an error that nobody has foreseen is logged with its stack, its deployment and its host', async () => {
  await using stores = openStores(server)
  const { ports } = inMemoryCluster(['web-1'])
  const bugs: { error: unknown; at: object }[] = []
  await using _worker = await startTestWorker('w1', { stores, ports, onBug: (error, at) => bugs.push({ error, at }) })
  const id = await stores.create('fail')

  await enqueue(stores, id)
  const view = await untilEnded(stores, id)

  expect(view.hosts[0]?.state).toMatchObject({ status: 'failed', failure: { code: 'INTERNAL', message: 'it failed' } })
  expect(bugs).toMatchObject([{ at: { deployment: id, host: 'web-1' } }])
  expect((bugs[0]!.error as Error).stack).toContain('in-memory-cluster.ts')
})

test.each(['deployments', 'hosts'] as const)(
  'a job of %s whose work has ended does nothing when it runs again',
  async (kind) => {
    await using stores = openStores(server)
    const { ports, ran } = inMemoryCluster(['web-1', 'web-2'])
    await using _worker = await startTestWorker('w1', { stores, ports })
    const id = await stores.create('fail')
    await enqueue(stores, id)
    const { cursor } = await untilEnded(stores, id)
    await expect.poll(() => jobStates(stores)).toEqual({ deployments: ['failed'], hosts: ['failed'] })

    const [job] = await stores.queues.all.find(({ name }) => name.startsWith(kind))!.getFailed()
    await job!.retry('failed')
    await expect.poll(() => job!.getState()).toBe('completed')

    expect((await stores.records.eventLog.read(id, { after: cursor, limit: 100 })).events).toEqual([])
    expect(ran).toEqual(['web-1: fail'])
  },
)

test('a deployment that has ended when word of a command comes to its job is not retried for that', async () => {
  await using stores = openStores(server)
  const { ports } = inMemoryCluster(['web-1'])
  await using _worker = await startTestWorker('w1', { stores, ports })
  const id = await stores.create('fail')
  const asTheCommandSawIt = (await stores.records.deployments.read(id))!
  await enqueue(stores, id)
  const { cursor } = await untilEnded(stores, id)
  const [job] = await untilFailed(stores, 'deployments')

  await stores.queues.enqueueDeployment(asTheCommandSawIt)
  await expect.poll(async () => (await stores.queues.all[0]!.getJob(job!.id!))?.attemptsMade).toBe(2)

  expect((await stores.records.eventLog.read(id, { after: cursor, limit: 100 })).events).toEqual([])
})

test('of two deployments of an application in an environment, the second waits and says for what', async () => {
  await using stores = openStores(server)
  const { records } = stores
  const { ports, ran } = inMemoryCluster(['web-1'])
  await using _worker = await startTestWorker('w1', { stores, ports })
  const first = await stores.create('hang')
  const { spec } = (await records.deployments.read(first))!
  const { id: second } = await records.deployments.create({ spec, requestedBy: 'ada' })
  await enqueue(stores, first)
  await expect.poll(() => ran).toEqual(['web-1: hang'])

  await enqueue(stores, second)
  await until(stores, second, ({ type }) => type === 'deployment.waiting')

  expect((await records.deployments.read(second))?.state).toEqual({
    status: 'queued',
    waitingFor: `deployment ${first}, which is ahead in the queue`,
  })
  await expect(records.deployments.create({ spec, requestedBy: 'ada', wait: false })).rejects.toMatchObject({
    code: 'DEPLOYMENT_RUNS',
  })
  await records.commands.give(second, { command: { command: 'cancel', now: false }, by: 'ada' })
  await enqueue(stores, second)
  await untilEnded(stores, second)
})

test('a worker that closes leaves its work to the next, which goes on where it was', async () => {
  await using stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1'])
  const id = await stores.create('hang')
  const first = await startTestWorker('w1', { stores, ports })
  await enqueue(stores, id)
  await expect.poll(() => ran).toEqual(['web-1: hang'])

  await first[Symbol.asyncDispose]()

  expect(await jobStates(stores)).toEqual({ deployments: ['waiting'], hosts: ['waiting'] })
  await using _second = await startTestWorker('w2', { stores, ports })
  await until(stores, id, (event) => event.type === 'host.claimed' && event.worker === 'w2' && event.attempt === 2)
  await expect.poll(() => ran).toEqual(['web-1: hang', 'web-1: hang'])
})

async function untilFailed({ queues }: Stores, kind: string) {
  const queue = queues.all.find(({ name }) => name.startsWith(kind))!
  await expect.poll(() => queue.getFailedCount()).toBe(1)
  return queue.getFailed()
}

async function enqueue({ records, queues }: Stores, id: string): Promise<void> {
  await queues.enqueueDeployment((await records.deployments.read(id))!)
}

async function untilEnded(stores: Stores, id: string) {
  await until(stores, id, ({ type }) => type === 'deployment.ended')
  return (await stores.records.deployments.readView(id))!
}

/** Follows the deployment up to the first event that is meant. */
async function until({ records }: Stores, id: string, isMeant: (event: DeploymentEvent) => boolean): Promise<void> {
  for await (const { events } of records.eventLog.follow(id, { after: 0, signal: AbortSignal.timeout(20_000) }))
    if (events.some(isMeant)) return
  throw new Error(`${id} ended without the event`)
}

async function jobStates({ queues }: Stores): Promise<Record<string, string[]>> {
  const working = queues.all.filter(({ name }) => /^(?:deployments|hosts)-/.test(name))
  const states = working.map(async (queue) => {
    const jobs = await queue.getJobs()
    const kind = queue.name.split('-')[0]!
    return [kind, await Promise.all(jobs.map((job) => job.getState()))] as const
  })
  return Object.fromEntries(await Promise.all(states))
}
