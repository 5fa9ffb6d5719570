import { expect, test } from 'vitest'
import { aSession } from '../testing/a-session.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { drainWorker, listWorkers, resumeWorker } from './workers.ts'

const at = '2026-03-01T15:04:00.000Z'
const worker = {
  name: 'w1',
  version: '1.2.0',
  startedAt: at,
  seenAt: at,
  takesJobs: true,
  state: 'working',
  load: [{ cluster: 'eu', deployments: 1, maxDeployments: 20, hosts: 2, maxHosts: 50 }],
  jobs: [
    { deployment: 'd-42', application: 'payments', environment: 'production', since: at },
    { deployment: 'd-42', application: 'payments', environment: 'production', host: 'web-1', since: at },
    { deployment: 'd-42', application: 'payments', environment: 'production', host: 'web-2', since: at },
  ],
}
const list = {
  workers: [worker],
  clustersWithoutWorker: ['us'],
  holds: [{ cluster: 'us', reason: 'no worker of cluster us' }],
}

test('lists workers with their load and what is in progress, and the clusters without one', async () => {
  await using api = await startFakeApi({ answers: { 'GET /v1/workers': [200, list] } })
  const people = aSession(api.url)
  const programs = aSession(api.url, { json: true })

  await listWorkers(people.session)
  await listWorkers(programs.session)

  expect(people.output.stdout.split('\n')[1]).toMatch(
    /^w1 {6}working {2}1\.2\.0 {4}eu {7}1\/20 {9}2\/50 {3}2026-03-01 \d\d:\d\d {2}2026-03-01 \d\d:\d\d {2}d-42 web-1, web-2$/,
  )
  expect(people.output.stderr).toBe('No worker takes jobs of: us. Deployments there wait\n')
  expect(JSON.parse(programs.output.stdout)).toEqual(list)
})

test('says that Redis has little memory left, and nothing while it has enough', async () => {
  const memory = (usedBytes: number) => ({ ...list, redisMemory: { usedBytes, limitBytes: 1e10 } })
  const told = async (usedBytes: number) => {
    await using api = await startFakeApi({ answers: { 'GET /v1/workers': [200, memory(usedBytes)] } })
    const { session, output } = aSession(api.url)
    await listWorkers(session)
    return output.stderr.split('\n').slice(1)
  }

  expect(await told(5e9)).toEqual([''])
  expect((await told(9e9))[0]).toMatch(
    /^Redis has little memory left: 9\.0 GB of 10\.0 GB in use \(90 %\)\. Raise maxmemory/,
  )
})

test('drains a worker, and says how to undo that', async () => {
  const path = '/v1/workers/w1/drain'
  const answers = {
    [`PUT ${path}`]: [200, worker] as [number, unknown],
    [`DELETE ${path}`]: [200, worker] as [number, unknown],
  }
  await using api = await startFakeApi({ answers })
  const { session, output } = aSession(api.url)

  await drainWorker('w1', { reason: 'kernel', session })
  await resumeWorker('w1', session)

  expect(api.requests).toMatchObject([
    { method: 'PUT', path, body: { reason: 'kernel' } },
    { method: 'DELETE', path },
  ])
  expect(output.stderr).toBe(
    'w1 is being drained; other workers resume its work. Undo: vesemir workers resume w1\nw1 takes jobs again\n',
  )
})
