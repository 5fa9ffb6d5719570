import { createClient, type WorkerReport } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'
import { startTwoTeams, tokenFor } from '../testing/two-teams.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

function aReport(name: string, { cluster = 'eu', ...changes }: Partial<WorkerReport> & { cluster?: string } = {}) {
  return {
    name,
    version: '1.0.0',
    startedAt: new Date().toISOString(),
    takesJobs: true,
    load: [{ cluster, deployments: 1, maxDeployments: 20, hosts: 0, maxHosts: 50 }],
    jobs: [],
    ...changes,
  }
}

const clientOf = (api: TestApi, role: 'viewer' | 'deployer' | 'admin' = 'admin') =>
  createClient({ url: api.url, token: tokenOf(role) })

it('lists workers, and the clusters that have none', async () => {
  await using api = await startApi(server)
  await api.presence.report(aReport('w1'))

  expect(await clientOf(api, 'viewer').listWorkers()).toMatchObject({
    workers: [{ name: 'w1', state: 'working', load: [{ cluster: 'eu', deployments: 1, maxHosts: 50 }] }],
    clustersWithoutWorker: ['us'],
  })
})

it('says how full Redis is to who may inspect everything, and to nobody else', async () => {
  const redisMemory = { usedBytes: 9e9, limitBytes: 1e10 }
  await using api = await startApi(server, { redisMemory })

  const [told, untold] = await Promise.all([clientOf(api).listWorkers(), clientOf(api, 'viewer').listWorkers()])

  expect(told.redisMemory).toEqual(redisMemory)
  expect(untold).not.toHaveProperty('redisMemory')
})

it('says why jobs wait: no worker, or a queue that is paused or limited', async () => {
  await using api = await startApi(server, { answerTimeoutMs: 500 })
  await api.presence.report(aReport('w1'))
  const queueOf = (name: string) => api.queues.all.find((queue) => queue.name === name)!
  const readHolds = async () => (await clientOf(api).listWorkers()).holds
  const us = { cluster: 'us', reason: 'no worker of cluster us' }

  const before = await readHolds()
  await queueOf('hosts-eu').pause()
  await queueOf('deployments-eu').setGlobalRateLimit(5, 60_000)
  await queueOf('deployments-eu').rateLimit(60_000)
  const held = await readHolds()
  const { checks } = await clientOf(api).doctor({ cluster: 'eu' })
  await queueOf('hosts-eu').resume()
  await queueOf('deployments-eu').removeGlobalRateLimit()
  const after = await readHolds()

  expect(before).toEqual([us])
  expect(held).toEqual([
    us,
    { cluster: 'eu', reason: 'queue deployments-eu is limited to 5 in 60 s' },
    { cluster: 'eu', reason: 'queue hosts-eu is paused' },
  ])
  expect(checks).toContainEqual(
    expect.objectContaining({ name: 'queues', ok: false, detail: 'queue hosts-eu is paused' }),
  )
  expect(after).toEqual([us])
})

it('shows the jobs of one team, and the workers of its clusters, to that team alone', async () => {
  const people = { ada: [{ role: 'viewer' as const, teams: ['core'], clusters: ['eu'] }] }
  await using api = await startTwoTeams(server, { people, clusters: ['eu', 'us'] })
  const job = { environment: 'production', since: new Date().toISOString() }
  const jobs = [api.core, api.fin].map(({ application, deploymentId }) => ({
    ...job,
    application,
    deployment: deploymentId,
  }))
  await api.presence.report(aReport('w1', { jobs }))
  await api.presence.report(aReport('w2', { cluster: 'us' }))

  const list = await createClient({ url: api.url, token: tokenFor('ada') }).listWorkers()

  expect(list.workers).toMatchObject([{ name: 'w1', jobs: [{ application: 'payments' }] }])
  expect(list.workers[0]!.jobs).toHaveLength(1)
})

it('names of a worker of several clusters only those that the caller may see', async () => {
  const people = { ada: [{ role: 'viewer' as const, clusters: ['eu'] }] }
  await using api = await startTwoTeams(server, { people, clusters: ['eu', 'us'] })
  const load = ['eu', 'us'].flatMap((cluster) => aReport('w1', { cluster }).load)
  await api.presence.report(aReport('w1', { load }))

  const { workers } = await createClient({ url: api.url, token: tokenFor('ada') }).listWorkers()

  expect(workers.map((worker) => worker.load.map(({ cluster }) => cluster))).toEqual([['eu']])
})

describe('a drain', () => {
  it('is noted with who wants it, and in the audit log, until the worker is resumed', async () => {
    await using api = await startApi(server)
    await api.presence.report(aReport('w1'))
    await api.presence.report(aReport('w2'))

    const drained = await clientOf(api).drainWorker('w1', { reason: 'new kernel' })
    const told = await api.presence.report(aReport('w1'))
    const { entries } = await clientOf(api).listAudit()
    const resumed = await clientOf(api).resumeWorker('w1')

    expect(drained).toMatchObject({ name: 'w1', state: 'draining', drain: { by: 'admin-name', reason: 'new kernel' } })
    expect(told).toMatchObject({ by: 'admin-name', reason: 'new kernel' })
    expect(entries[0]).toMatchObject({
      action: 'drainWorker',
      who: 'admin-name',
      outcome: 'succeeded',
      subject: { cluster: 'eu' },
      after: { worker: 'w1', reason: 'new kernel' },
    })
    expect(resumed).toMatchObject({ state: 'working' })
    expect(await api.presence.report(aReport('w1'))).toBeUndefined()
  })

  it('is refused for the only worker of a cluster, for an unknown one, and to deployers', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    await api.presence.report(aReport('w1'))

    await expect(clientOf(api).drainWorker('w1')).rejects.toMatchObject({ code: 'WORKER_NEEDED' })
    await expect(clientOf(api).drainWorker('w9')).rejects.toMatchObject({ code: 'WORKER_UNKNOWN' })
    await expect(clientOf(api, 'deployer').drainWorker('w1')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(clientOf(api, 'deployer').resumeWorker('w1')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})
