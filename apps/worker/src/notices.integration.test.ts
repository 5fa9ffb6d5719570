import { createSystemClock } from '@vesemir/process/clock'
import { createRecipients, RecipientsOptions, type Recipients } from '@vesemir/machines/notification'
import { startReceiver, type Receiver } from '@vesemir/testing/start-receiver'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { Notification } from '@vesemir/contract'
import { createLog } from '@vesemir/process/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNotices } from './notices.ts'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { openStores, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const notifications: Notification[] = [
  { to: 'ops', on: ['started', 'gated', 'ended'] },
  { to: 'nobody', on: ['ended'] },
]

test('a deployment tells of its start and its end, and warns of a recipient that nobody knows', async () => {
  await using receiver = await startReceiver()
  await using stores = openStores(server)
  const { ports } = inMemoryCluster(['web-1'])
  await using _worker = await startTestWorker('w1', { stores, ports, recipients: recipientsAt(receiver) })
  const id = await stores.create('true', { notifications })

  await enqueue(stores, id)

  await expect.poll(() => told(receiver), { timeout: 20_000 }).toEqual(['started', 'ended'])
  const deployment = (await stores.records.deployments.read(id))!
  expect(deployment.state.status).toBe('succeeded')
  expect(deployment.plan!.warnings).toEqual([
    'recipient "nobody" is not configured in cluster eu; it will not be notified',
    "the health check does not prove the version: a connection shows only that something listens; use kind: http with expectBody: '{version}'",
  ])
  const jobs = stores.queues.all.find(({ name }) => name === 'notifications-eu')!
  await expect
    .poll(async () => (await jobs.getFailed()).map(({ failedReason }) => failedReason), { timeout: 20_000 })
    .toEqual(['recipient "nobody" is not configured in the worker\'s settings'])
})

test('a notice that a worker died before sending is sent by the next, though the deployment continued', async () => {
  await using receiver = await startReceiver()
  await using stores = openStores(server)
  const { ports } = inMemoryCluster(['web-1'])
  const id = await stores.create('true', { notifications })
  const dead = await stores.records.claims.claimDeployment(id, 'w1')
  await dead.end({ type: 'deployment.ended', outcome: 'failed' })
  await stores.records.commands.give(id, { command: { command: 'retry' }, by: 'ada' })

  await using _worker = await startTestWorker('w2', { stores, ports, recipients: recipientsAt(receiver) })
  await enqueue(stores, id)

  await expect.poll(() => told(receiver), { timeout: 20_000 }).toEqual(['ended', 'started', 'ended'])
})

test('the notice of an end whose worker died before sending is sent when its job is taken up again', async () => {
  await using receiver = await startReceiver()
  await using stores = openStores(server)
  const { ports } = inMemoryCluster(['web-1'])
  const id = await stores.create('true', { notifications })
  const dead = await stores.records.claims.claimDeployment(id, 'w1')
  await dead.end({ type: 'deployment.ended', outcome: 'cancelled' })

  await using _worker = await startTestWorker('w2', { stores, ports, recipients: recipientsAt(receiver) })
  await enqueue(stores, id)

  await expect.poll(() => told(receiver), { timeout: 20_000 }).toEqual(['ended'])
  expect((await stores.records.deployments.read(id))!.state.status).toBe('cancelled')
})

test('a recipient that does not answer holds no deployment up', async () => {
  await using receiver = await startReceiver()
  receiver.answers = ['silence']
  await using stores = openStores(server)
  const { ports } = inMemoryCluster(['web-1'])
  await using _worker = await startTestWorker('w1', { stores, ports, recipients: recipientsAt(receiver) })
  const id = await stores.create('true', { notifications })

  await enqueue(stores, id)

  await expect
    .poll(async () => (await stores.records.deployments.read(id))!.state.status, { timeout: 20_000 })
    .toBe('succeeded')
  expect(receiver.received.length).toBeGreaterThan(0)
  const jobs = stores.queues.all.find(({ name }) => name === 'notifications-eu')!
  expect(await jobs.getCompleted()).toEqual([])
})

test('a queue that takes nothing fails no deployment, and what it did not take is left to the next time', async () => {
  await using stores = openStores(server)
  const { records, queues } = stores
  const id = await stores.create('true', { notifications })
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
  const log = createLog({ level: 'silent' })
  const full = { enqueueNotice: () => Promise.reject(new Error('OOM command not allowed')) }

  await createNotices({ ...records, queues: full, log }).catchUp(claim.deployment)
  await createNotices({ ...records, queues, log }).catchUp(claim.deployment)

  const jobs = await queues.all.find(({ name }) => name === 'notifications-eu')!.getJobs()
  expect(jobs.map(({ data }) => (data as { to: string }).to).toSorted()).toEqual(['nobody', 'ops'])
  expect(await records.noticeProgress.readPending(claim.deployment)).toEqual([])
})

function recipientsAt({ url }: Receiver): Recipients {
  const options = RecipientsOptions.parse({ ops: { kind: 'webhook', url, secretEnv: 'OPS_SECRET' } })
  return createRecipients(options, {
    env: { OPS_SECRET: 'a-secret-of-some-length' },
    secrets: { read: async () => new Map() },
    clock: createSystemClock(),
  })
}

/** The events that were told, in the order in which they happened: what waits in a queue may come in another. */
function told({ received }: Receiver): string[] {
  const notices = received.map(({ body }) => JSON.parse(body) as { id: string; event: string })
  const seq = ({ id }: { id: string }) => Number(id.split('~')[1])
  return notices.toSorted((a, b) => seq(a) - seq(b)).map(({ event }) => event)
}

async function enqueue({ records, queues }: Stores, id: string): Promise<void> {
  await queues.enqueueDeployment((await records.deployments.read(id))!)
}
