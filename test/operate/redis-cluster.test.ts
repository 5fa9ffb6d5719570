import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRedisCluster, type RedisCluster } from '@vesemir/testing/start-redis-cluster'
import { startLoad } from '../../infra/load/start-load.ts'
import { startSystem, type System } from '../support/start-system.ts'
import { untruths } from '../support/untruths.ts'

/** How often a primary is killed, each time in the middle of two deployments; more by VESEMIR_FAILOVERS. */
const failovers = Number(process.env['VESEMIR_FAILOVERS'] ?? 1)

let redis: RedisCluster
let system: System
beforeAll(async () => {
  redis = await startRedisCluster()
  const nodes = redis.nodes.slice(0, 3).map(({ host, port }) => `${host}:${port}`)
  system = await startSystem({ fleet: { hosts: 3 }, redisSettings: { redis: { nodes } } })
})
afterAll(async () => {
  await system?.[Symbol.asyncDispose]()
  await redis?.[Symbol.asyncDispose]()
})

test.each(Array.from({ length: failovers }, (_, index) => index + 1))(
  'a primary of a Redis Cluster is killed in the middle of a deployment: no request fails, and the record ends true (%i)',
  async (number) => {
    const { client, fleet } = system
    const { application, environment } = fleet
    const version = `${number}.0.0`
    await system.release(version)
    await using load = startLoad({ urls: fleet.frontends, requestsPerSecond: 50 })
    const { id } = await client.createDeployment({ application, environment, version })
    await untilRestart(id)

    const node = await redis.killPrimaryOf(await slotOf(id, number))
    const ended = await untilEnded(id)
    await redis.restart(node)
    const { total, failures } = await load.stop()

    expect(ended.deployment.state.status).toBe('succeeded')
    expect(ended.hosts.map(({ state }) => state.status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(await untruths(fleet, ended)).toEqual([])
    expect([total > 100, failures]).toEqual([true, {}])
  },
)

test('keys are in many slots, and readyz writes to each', async () => {
  expect((await fetch(`${system.url}/readyz`)).status).toBe(200)
  const keys = (await Promise.all(redis.nodes.map((node) => redis.connect(node).keys('vesemir:*')))).flat()
  const connection = new Redis(redis.nodes[0]!)
  const slots = await Promise.all(keys.map((key) => connection.cluster('KEYSLOT', key)))
  connection.disconnect()

  expect(new Set(slots).size).toBeGreaterThan(20)
  expect(new Set(keys.filter((key) => key.endsWith(':ready'))).size).toBe(16)
})

/** Waits until the first host is to be restarted. */
async function untilRestart(id: string): Promise<void> {
  for await (const item of system.client.followEvents(id, { signal: AbortSignal.timeout(60_000) }))
    if (!('kind' in item) && item.type === 'step.started' && item.step === 'restart') return
  throw new Error(`${id} ended before`)
}

async function untilEnded(id: string) {
  for await (const item of system.client.followEvents(id, { signal: AbortSignal.timeout(90_000) }))
    if (!('kind' in item) && item.type === 'deployment.ended') break
  return system.client.getDeployment(id)
}

/** The slot whose primary is killed: the record's, then that of the jobs, then others in turn. */
async function slotOf(id: string, number: number): Promise<number> {
  const key = [`vesemir:{${Number(id.slice(2)) % 16}}:`, 'vesemir:{hosts-local}:', 'vesemir:{owners}:'][
    (number - 1) % 3
  ]!
  const connection = new Redis(redis.nodes[0]!)
  try {
    return await connection.cluster('KEYSLOT', key)
  } finally {
    connection.disconnect()
  }
}
