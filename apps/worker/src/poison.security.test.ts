import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { openStores, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

it('a poisoned owner fails the host that needs it with its code, and the worker goes on with the next deployment', async () => {
  await using stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1'])
  await using _worker = await startTestWorker('w1', { stores, ports })
  const owners = `${stores.prefix}:owners:machines/eu`
  await stores.redis.hset(owners, '10.0.0.1 22', 'poison')
  const [first, second] = [await stores.create('id'), await stores.create('true')]

  await enqueue(stores, first)
  await expect.poll(() => stateOf(stores, first), patient).toMatchObject({ status: 'failed' })
  expect((await stores.records.deployments.readView(first))!.hosts[0]!.state).toMatchObject({
    status: 'failed',
    traffic: 'untouched',
    failure: { code: 'RECORD_INVALID' },
  })
  expect(ran).toEqual([])
  await stores.redis.hdel(owners, '10.0.0.1 22')
  await enqueue(stores, second)

  await expect.poll(() => stateOf(stores, second), patient).toMatchObject({ status: 'succeeded' })
})

const patient = { timeout: 20_000 }

async function enqueue({ records, queues }: Stores, id: string): Promise<void> {
  await queues.enqueueDeployment((await records.deployments.read(id))!)
}

async function stateOf({ records }: Stores, id: string): Promise<object> {
  return (await records.deployments.read(id))!.state
}
