import type { DeploymentSpec } from '@vesemir/contract'
import { ClusterProtection } from '@vesemir/contract'
import type { Rules } from '@vesemir/core'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it, test } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { answerPlan } from './answers/plan.ts'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { openStores, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const protection = (rule: object): Rules => ({
  protections: [ClusterProtection.parse({ environments: ['*'], ...rule })],
})

test.each<[string, Rules, string]>([
  ['another application', { accept: [{ applications: ['ledger'] }], protections: [] }, 'CLUSTER_REFUSED'],
  ['another person', { accept: [{ users: ['ci-*'] }], protections: [] }, 'CLUSTER_REFUSED'],
  ['another command', { accept: [{ commands: ['sv restart payments'] }], protections: [] }, 'CLUSTER_REFUSED'],
  ['more failures', protection({ approvals: [{ afterHosts: 0 }] }), 'ENVIRONMENT_PROTECTED'],
])('a worker whose settings exclude %s ends the deployment before it asks for machines', async (_, rules, code) => {
  await using stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1'])
  const asked: string[] = []
  const inventory = { ...ports.inventory, findHosts: async () => (asked.push('hosts'), { hosts: [], warnings: [] }) }
  await using _worker = await startTestWorker('w1', { stores, ports: { ...ports, inventory }, rules })
  const id = await stores.create('id')

  await stores.queues.enqueueDeployment((await stores.records.deployments.read(id))!)

  await expect
    .poll(() => stateOf(stores, id), { timeout: 20_000 })
    .toMatchObject({ status: 'failed', failure: { code } })
  expect([...asked, ...ran]).toEqual([])
})

it('has a queued deployment wait for the end of a freeze, and says why', async () => {
  await using stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1'])
  const freeze = { from: '2000-01-01 00:00', to: '2999-01-01 00:00', timeZone: 'UTC', reason: 'stocktaking' }
  const frozen = await startTestWorker('w1', { stores, ports, rules: protection({ freezes: [freeze] }) })
  const [id, urgent] = [await stores.create('id'), await stores.create('urgent', { override: true })]
  for (const each of [id, urgent]) await stores.queues.enqueueDeployment((await stores.records.deployments.read(each))!)

  await expect.poll(() => stateOf(stores, urgent), { timeout: 20_000 }).toMatchObject({ status: 'succeeded' })
  await expect
    .poll(() => stateOf(stores, id), { timeout: 20_000 })
    .toMatchObject({
      status: 'queued',
      waitingFor: 'the end of a freeze: production is frozen until 2999-01-01 00:00 UTC: stocktaking',
    })
  expect(ran).toEqual(['web-1: urgent'])
  await frozen[Symbol.asyncDispose]()
  await using _worker = await startTestWorker('w2', { stores, ports })
  await stores.queues.enqueueDeployment((await stores.records.deployments.read(id))!)
  await expect.poll(() => stateOf(stores, id), { timeout: 20_000 }).toMatchObject({ status: 'succeeded' })
})

it('ends a deployment that is cancelled while it waits for a freeze', async () => {
  await using stores = openStores(server)
  const { ports, ran } = inMemoryCluster(['web-1'])
  const freeze = { from: '2000-01-01 00:00', to: '2999-01-01 00:00', timeZone: 'UTC', reason: 'x' }
  await using _worker = await startTestWorker('w1', { stores, ports, rules: protection({ freezes: [freeze] }) })
  const id = await stores.create('id')
  await stores.records.commands.give(id, { command: { command: 'cancel', now: false }, by: 'ada' })

  await stores.queues.enqueueDeployment((await stores.records.deployments.read(id))!)

  await expect.poll(() => stateOf(stores, id), { timeout: 20_000 }).toMatchObject({ status: 'cancelled' })
  expect(ran).toEqual([])
})

it('says in a plan that it does not carry out what is asked', async () => {
  await using stores = openStores(server)
  const { ports } = inMemoryCluster(['web-1'])
  const id = await stores.create('id')
  const { spec } = (await stores.records.deployments.read(id))!
  const plan = (rules: Rules) =>
    answerPlan(
      { spec },
      {
        ports: {
          ...stores.records,
          ...ports,
          recipients: new Map(),
          rules,
          tasks: { check() {} },
          clock: { ...createSystemClock(), now: () => 0 },
        } as never,
      },
      new AbortController().signal,
    )

  await expect(plan({ accept: [{ commands: ['true'] }], protections: [] })).rejects.toMatchObject({
    code: 'CLUSTER_REFUSED',
    message: expect.stringContaining('service: "id" is not accepted') as string,
  })
  const preview = await plan(protection({ minHealthy: 1 }))
  expect(preview.plan.warnings.join()).toContain('this is refused: loadBalancer.kind')
})

async function stateOf(stores: Stores, id: string): Promise<DeploymentSpec | object> {
  return (await stores.records.deployments.read(id))!.state
}
