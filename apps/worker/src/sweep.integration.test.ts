import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { OnInvalid } from '@vesemir/store/redis'
import { ClusterProtection } from '@vesemir/contract'
import type { Rules } from '@vesemir/core'
import { createSystemClock } from '@vesemir/process/clock'
import { createLog } from '@vesemir/process/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSweep } from './sweep.ts'
import { cluster, openStores, type Stores } from './testing/open-stores.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

test('a deployment whose API died before it was enqueued gets its job, and one whose job was removed another', async () => {
  await using stores = openStores(server)
  const id = await stores.create()
  await using _sweep = sweep(stores)
  await expect.poll(() => jobIds(stores)).toEqual([id])

  await stores.queues.all[0]!.remove(id)

  await expect.poll(() => jobIds(stores)).toEqual([id])
})

test('deployments that have a job, have ended or are of another cluster are left alone', async () => {
  await using stores = openStores(server)
  const { records, queues } = stores
  const waiting = await stores.create()
  await queues.enqueueDeployment((await records.deployments.read(waiting))!)
  const elsewhere = await stores.create('true', { cluster: 'us' })
  const ended = await stores.create()
  const claim = await records.claims.claimDeployment(ended, 'w1')
  await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
  const orphan = await stores.create()

  await using _sweep = sweep(stores)

  await expect.poll(() => jobIds(stores)).toContain(orphan)
  expect(await jobIds(stores)).toEqual([orphan, waiting])
  expect(await records.deploymentIndex.listActive()).toContain(elsewhere)
})

test('a deployment that waits for another gets its job when that one has ended', async () => {
  await using stores = openStores(server)
  const { records } = stores
  const first = await stores.create()
  const { spec } = (await records.deployments.read(first))!
  const { id: second } = await records.deployments.create({ spec, requestedBy: 'ada' })
  await using _sweep = sweep(stores)
  await expect.poll(async () => (await records.deployments.read(second))!.state).toHaveProperty('waitingFor')
  await expect.poll(() => jobIds(stores)).toEqual([first])

  const claim = await records.claims.claimDeployment(first, 'w1')
  await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })

  await expect.poll(() => jobIds(stores)).toContain(second)
})

test('a deployment that waits for the end of a freeze gets its job then, and not before', async () => {
  await using stores = openStores(server)
  const frozen = await stores.create()
  const freeze = { from: '2000-01-01 00:00', to: '2999-01-01 00:00', timeZone: 'UTC', reason: 'x' }
  const rules = { protections: [ClusterProtection.parse({ environments: ['*'], freezes: [freeze] })] }
  const first = sweep(stores, () => {}, rules)
  await expect.poll(async () => (await stores.records.deployments.read(frozen))!.state).toHaveProperty('waitingFor')
  expect(await jobIds(stores)).toEqual([])
  await first[Symbol.asyncDispose]()

  await using _sweep = sweep(stores)

  await expect.poll(() => jobIds(stores)).toEqual([frozen])
})

test('a deployment whose record is damaged is never enqueued, and holds up none of the others', async () => {
  await using stores = openStores(server)
  const damaged = await stores.create()
  await stores.redis.hset(`${stores.prefix}:deployment:${damaged}`, 'deployment', '{}')
  const reported: string[] = []
  await using _sweep = sweep(stores, ({ message }) => reported.push(message))

  const id = await stores.create()

  await expect.poll(() => jobIds(stores)).toEqual([id])
  await expect
    .poll(() => reported)
    .toContainEqual(expect.stringContaining(`the record of ${damaged} in Redis is not signed`))
})

function sweep(
  { records, queues }: Stores,
  onInvalid: OnInvalid = () => {},
  rules: Rules = { protections: [] },
): AsyncDisposable {
  const log = createLog({ level: 'silent' })
  return startSweep({
    ...records,
    queues,
    clusters: { [cluster]: rules },
    clock: createSystemClock(),
    log,
    onInvalid,
    intervalMs: 20,
  })
}

async function jobIds({ queues }: Stores): Promise<(string | undefined)[]> {
  const jobs = await queues.all[0]!.getJobs()
  return jobs.map(({ id }) => id)
}
