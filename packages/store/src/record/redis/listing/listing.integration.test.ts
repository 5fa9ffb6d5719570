import { randomUUID } from 'node:crypto'
import { DeploymentFilter, type Deployment, type Grant } from '@vesemir/contract'
import { aPlan, aSpec } from '@vesemir/contract/testing'
import { numberOf } from '../deployment-number.ts'
import { findGrant } from '@vesemir/core'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { noSeals } from '../../../seal/index.ts'
import { createRecords, type Records } from '../../index.ts'
import { seedDeployments, type Seed } from '../testing/seed-deployments.ts'
import { endedStatuses } from '../keys.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

function open() {
  const [redis, prefix] = [server.connect(), randomUUID()]
  const records = createRecords(redis, { clock: createSystemClock(), seals: noSeals, prefix })
  const bits = (status: string) => `${prefix}:listing:status:${status}`
  return { redis, prefix, records, bits, [Symbol.asyncDispose]: () => records[Symbol.asyncDispose]() }
}

/** The values of fields meet in every pair. */
function seed(number: number): Seed {
  return {
    application: ['shop', 'shop-test', 'ledger'][number % 3]!,
    environment: ['production', 'staging'][number % 2]!,
    team: ['core', 'edge', 'data'][(number % 5) % 3]!,
    by: ['ada', 'bob'][(number % 7) % 2]!,
    status: endedStatuses[(number % 11) % 4]!,
  }
}

async function repairAll({ deploymentIndex }: Records): Promise<void> {
  while ((await deploymentIndex.repair()) > 0);
}

const given: Partial<DeploymentFilter>[] = [
  ...['shop', 'none'].map((application) => ({ application })),
  { environment: 'staging' },
  { team: 'data' },
  { by: 'bob' },
  ...[...endedStatuses, 'queued' as const].map((status) => ({ status })),
]
/** Each filter, and each pair. */
const filters = given.flatMap((one, index) => given.slice(index).map((other) => ({ ...one, ...other })))

const people: (Grant[] | undefined)[] = [
  undefined,
  [{ role: 'viewer', applications: ['shop*'], environments: ['production'] }],
  [
    { role: 'deployer', teams: ['core'] },
    { role: 'viewer', applications: ['ledger'], clusters: ['l*'] },
  ],
]

async function list({ deploymentIndex }: Records, filter: Partial<DeploymentFilter>, grants?: Grant[]) {
  const { deployments } = await deploymentIndex.list(DeploymentFilter.parse({ limit: 200, ...filter }), grants)
  return deployments.map(({ id }) => id)
}

function expected(all: readonly Deployment[], filter: Partial<DeploymentFilter>, grants?: Grant[]): string[] {
  const isVisible = ({ spec }: Deployment) => grants === undefined || findGrant(grants, 'read', spec) !== undefined
  const fits = (deployment: Deployment) => {
    const { spec, requestedBy, state } = deployment
    const values: Partial<DeploymentFilter> = { ...spec, by: requestedBy, status: state.status }
    return Object.entries(filter).every(([field, value]) => values[field as keyof DeploymentFilter] === value)
  }
  return all.filter((deployment) => isVisible(deployment) && fits(deployment)).map(({ id }) => id)
}

it('finds the same by every filter, pair of filters and grant, with and without what a version before has left out', async () => {
  await using scene = open()
  const { records, redis, prefix } = scene
  await seedDeployments(redis, { prefix, count: 24, seed })
  const { deployments } = await records.deploymentIndex.list(DeploymentFilter.parse({ limit: 200 }))
  const cases = filters.flatMap((filter) => people.map((grants) => ({ filter, grants })))
  const found = () => Promise.all(cases.map(({ filter, grants }) => list(records, filter, grants)))

  const before = await found()
  await repairAll(records)
  const after = await found()

  const wanted = cases.map(({ filter, grants }) => expected(deployments, filter, grants))
  expect(deployments).toHaveLength(24)
  expect(before).toEqual(wanted)
  expect(after).toEqual(wanted)
})

it('finds by version, words, host and time, with and without what a version before has left out', async () => {
  await using scene = open()
  const { records, redis, prefix } = scene
  const create = async (given: object, hosts: string[], requestedBy = 'ada') => {
    const { id } = await records.deployments.create({ spec: aSpec(given), requestedBy })
    const claim = await records.claims.claimDeployment(id, 'w1')
    await claim.append({ type: 'deployment.planned', plan: aPlan(hosts) })
    await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
    return claim.deployment.createdAt
  }
  await create({ version: '1.4.1' }, ['web-1', 'web-2'])
  const second = await create({ version: '1.4.2', reason: 'Hotfix PAY-123: login' }, ['web-2'], 'bob@example.com')
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(second))
  const third = await create({ version: '1.4.2', application: 'ledger', reason: 'login' }, ['web-3'])
  const cases: [Partial<DeploymentFilter>, string[]][] = [
    [{ version: '1.4.2' }, ['d-3', 'd-2']],
    [{ version: '1.4' }, []],
    [{ host: 'web-2' }, ['d-2', 'd-1']],
    [{ host: 'web-9' }, []],
    [{ text: 'login' }, ['d-3', 'd-2']],
    [{ text: 'pay-123, LOGIN' }, ['d-2']],
    [{ text: 'login ledger' }, ['d-3']],
    [{ text: 'bob@example.com' }, ['d-2']],
    [{ text: '1.4.1' }, ['d-1']],
    [{ text: 'log' }, []],
    [{ since: third }, ['d-3']],
    [{ until: second }, ['d-2', 'd-1']],
    [{ since: second, until: second, host: 'web-2', version: '1.4.2', text: 'hotfix' }, ['d-2']],
    [{ until: '2020-01-01T00:00:00.000Z' }, []],
  ]
  const found = () => Promise.all(cases.map(([filter]) => list(records, filter)))

  const after = await found()
  // As a version before it would have left it.
  await redis.del(...(await redis.keys(`${prefix}:listing:term:*`)), ...(await redis.keys(`${prefix}:listing:noted:*`)))
  const without = await found()
  await repairAll(records)
  const terms = await redis.keys(`${prefix}:listing:term:*`)
  const repaired = await found()

  expect(after).toEqual(cases.map(([, ids]) => ids))
  expect(without).toEqual(after)
  expect(repaired).toEqual(after)
  expect(terms).toContain(`${prefix}:listing:term:host:web-3`)
  for (const id of ['d-1', 'd-2', 'd-3']) await records.deployments.remove((await records.deployments.readView(id))!)
  expect(await redis.keys(`${prefix}:listing:term:*`)).toEqual([])
})

it('reads few keys for a page of rare deployments among many', async () => {
  await using scene = open()
  const { records, redis, prefix } = scene
  const status = (number: number) => (number < 5 ? ('failed' as const) : ('succeeded' as const))
  await seedDeployments(redis, { prefix, count: 4000, seed: (number) => ({ ...seed(number), status: status(number) }) })
  await repairAll(records)
  const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))![1])

  const from = await commands()
  const found = await list(records, { status: 'failed', application: 'shop', limit: 50 })
  const sent = (await commands()) - from

  expect(found).toEqual(['d-3'])
  expect(sent).toBeLessThan(15)
  expect(await list(records, { version: '2.0.0', status: 'failed' })).toEqual(['d-4', 'd-3', 'd-2', 'd-1'])
  expect(await redis.scard(`${prefix}:listing:term:version:2.0.0`)).toBeLessThanOrEqual(512)
})

it('notes many deployments of one version, created at once, by few commands', async () => {
  await using scene = open()
  const { records, redis, prefix } = scene
  const listed = async () => redis.bitcount(`${prefix}:listing`)
  const callsOf = async (command: string) =>
    Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await redis.info('commandstats'))?.[1] ?? 0)
  const commands = ['sadd', 'evalsha', 'smembers']
  const before = await Promise.all(commands.map(callsOf))

  await Promise.all(
    Array.from({ length: 700 }, () => records.deployments.create({ spec: aSpec(), requestedBy: 'ada' })),
  )
  await vi.waitFor(async () => expect(await listed()).toBe(700))

  const after = await Promise.all(commands.map(callsOf))
  const [sets, scripts, moves] = after.map((calls, index) => calls - before[index]!)
  // One of each is of each deployment's record.
  expect(sets).toBeLessThan(700 + 50)
  expect(scripts).toBeLessThan(700 + 50)
  // Of the version, and of the word that it is.
  expect(moves).toBe(2)
  expect(await list(records, { version: aSpec().version, limit: 200 })).toHaveLength(200)
})

it('shows how a deployment ended last, also where processes of a version before have queued it again and ended it', async () => {
  await using scene = open()
  const { records, redis, bits } = scene
  const { id } = await records.deployments.create({ spec: aSpec(), requestedBy: 'ada' })
  const end = async (outcome: 'failed' | 'succeeded', worker: string) => {
    const claim = await records.claims.claimDeployment(id, worker)
    await claim.end({ type: 'deployment.ended', outcome })
  }
  const states = async () => {
    const found = await Promise.all(
      ['queued', 'failed', 'succeeded'].map((status) => list(records, { status } as object)),
    )
    return found.map((ids) => ids.length)
  }

  const seen = [await states()]
  await end('failed', 'w1')
  seen.push(await states())
  await records.commands.give(id, { command: { command: 'retry' }, by: 'ada' })
  // As the version before leaves it: the bit says still how it had ended.
  await redis.setbit(bits('failed'), 1, 1)
  await records.deploymentIndex.repair()
  seen.push(await states())
  await end('succeeded', 'w2')
  await redis.setbit(bits('succeeded'), 1, 0)
  seen.push(await states())
  await records.deploymentIndex.repair()
  seen.push(await states())

  expect(seen).toEqual([
    [1, 0, 0],
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 1],
    [0, 0, 1],
  ])
  expect(await redis.getbit(bits('succeeded'), 1)).toBe(1)
})

it('finds what a version before has created where it has removed as many', async () => {
  await using scene = open()
  const { records, redis, prefix } = scene
  await seedDeployments(redis, { prefix, count: 3, seed })
  await repairAll(records)
  await redis.zrem(`${prefix}:deployments`, 'd-3')
  await redis.del(`${prefix}:deployment:d-3`)
  await redis.setbit(`${prefix}:deployments:removed`, 3, 1)
  await redis.set(`${prefix}:deployments:last`, 3)
  const { id } = await records.deployments.create({ spec: aSpec(), requestedBy: 'ada' })
  await redis.setbit(`${prefix}:listing`, numberOf(id), 0)

  expect(await list(records, {})).toEqual([id, 'd-2', 'd-1'])
  await repairAll(records)
  expect(await redis.getbit(`${prefix}:listing`, numberOf(id))).toBe(1)
})

it('forgets what was removed, also by a version before', async () => {
  await using scene = open()
  const { records, redis, prefix } = scene
  await seedDeployments(redis, { prefix, count: 3, seed })
  await repairAll(records)

  await records.deployments.remove({ ...(await records.deployments.readView('d-2'))! })
  await redis.zrem(`${prefix}:deployments`, 'd-3')
  await redis.del(`${prefix}:deployment:d-3`)

  expect(await list(records, {})).toEqual(['d-1'])
  await repairAll(records)
  expect(await redis.bitcount(`${prefix}:listing`)).toBe(1)
})
