import { randomUUID } from 'node:crypto'
import type { Grant } from '@vesemir/contract'
import { aPlan, aSpec } from '@vesemir/contract/testing'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { noSeals } from '../../seal/index.ts'
import { createRecords, type Records } from '../index.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const everything: Grant[] = [{ role: 'viewer' }]
const query = { days: 7 }

async function deploy(records: Records, application: string, outcome: 'failed' | 'succeeded'): Promise<string> {
  const { id } = await records.deployments.create({ spec: aSpec({ application }), requestedBy: 'ada' })
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web-1']) })
  const host = await records.claims.claimHost(id, 'web-1', 'w1')
  await host.append({ type: 'step.started', host: 'web-1', step: 'verify' })
  await host.append({ type: 'step.ended', host: 'web-1', step: 'verify', outcome: 'succeeded', durationMs: 4000 })
  await host.append({ type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored' })
  await host[Symbol.asyncDispose]()
  await claim.end({ type: 'deployment.ended', outcome })
  return id
}

it('counts deployments as they end, keeps the counts when records are removed, and shows each what their grants cover', async () => {
  await using records = createRecords(server.connect(), {
    clock: createSystemClock(),
    seals: noSeals,
    prefix: randomUUID(),
  })
  const failed = await deploy(records, 'shop', 'failed')
  await deploy(records, 'shop', 'succeeded')
  await deploy(records, 'ledger', 'succeeded')

  await records.deployments.remove((await records.deployments.readView(failed))!)

  const all = await records.statistics.read(query, everything)
  const shop = await records.statistics.read({ ...query, application: 'shop' }, everything)
  const ledger = await records.statistics.read(query, [{ role: 'viewer', applications: ['ledger'] }])
  expect(all.places.map(({ application, deployments }) => [application, deployments])).toEqual([
    ['ledger', 1],
    ['shop', 2],
  ])
  expect(shop.total).toMatchObject({
    failed: 1,
    succeeded: 1,
    restoreTime: { count: 1 },
    steps: { verify: { count: 2 } },
  })
  expect(ledger.places.map(({ application }) => application)).toEqual(['ledger'])
  expect(ledger.total.deployments).toBe(1)
})
