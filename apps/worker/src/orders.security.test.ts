import { createSystemClock } from '@vesemir/process/clock'
import { createAnswerer } from '@vesemir/store/queue'
import { createApiSeals, createWorkerSeals } from '@vesemir/store/seal'
import { testKeys } from '@vesemir/store/seal/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { DeploymentSpec } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import type { z } from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { cluster, openStores, seals, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

/** Orders that are signed well, but not for here, not for now, or not by a key that still counts. */
let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const patient = { timeout: 20_000 }
const hourMs = 3_600_000
const maxOrderAgeMs = 24 * hourMs

const stateOf = async ({ records }: Stores, id: string) => (await records.deployments.read(id))!.state

async function enqueue({ records, queues }: Stores, id: string): Promise<void> {
  await queues.enqueueDeployment((await records.deployments.read(id))!)
}

async function order({ records }: Stores, changes: Partial<z.input<typeof DeploymentSpec>>): Promise<string> {
  const spec = aSpec({ cluster, healthCheck: { kind: 'tcp', port: 80, successes: 1 }, ...changes })
  return (await records.deployments.create({ spec, requestedBy: 'ada' })).id
}

/** Stops for approval after its first host. */
const gated = {
  service: { restart: 'restart' },
  concurrency: [1],
  rollout: { ...aSpec({}).rollout, gates: [{ afterWave: 1, wait: 'approval', approvals: 1, timeout: '1h' }] },
} satisfies Partial<z.input<typeof DeploymentSpec>>

const expired = { code: 'ORDER_EXPIRED', hint: expect.stringContaining('orders.maxAge') as string }

describe('an order that was kept for longer than the worker allows', () => {
  it('ends its deployment before anything is asked or done', async () => {
    await using stores = openStores(server)
    await using past = openStores(server, { prefix: stores.prefix, agoMs: 25 * hourMs })
    const { ports, ran } = inMemoryCluster(['web-1'])
    const [late, inTime] = [await past.create(), await stores.create()]
    await using _worker = await startTestWorker('w1', { stores, ports, maxOrderAgeMs })

    await enqueue(stores, late)
    await enqueue(stores, inTime)

    await expect.poll(() => stateOf(stores, late), patient).toMatchObject({ status: 'failed', failure: expired })
    await expect.poll(() => stateOf(stores, inTime), patient).toMatchObject({ status: 'succeeded' })
    expect(ran).toEqual(['web-1: true'])
  })

  it.each(['while a worker has the deployment', 'before a worker takes it up again'])(
    'approves nothing when it arrives %s, and the record says so',
    async (when) => {
      await using stores = openStores(server)
      await using past = openStores(server, { prefix: stores.prefix, agoMs: 25 * hourMs })
      const { ports, ran } = inMemoryCluster(['web-1', 'web-2'])
      const id = await order(stores, gated)
      await enqueue(stores, id)
      const start = () => startTestWorker('w1', { stores, ports, maxOrderAgeMs })
      const first = await start()
      await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'gated' })
      if (when.startsWith('before')) await first[Symbol.asyncDispose]()

      await past.records.commands.give(id, { command: { command: 'approve' }, by: 'bob' })
      await using _worker = when.startsWith('before') ? await start() : first

      const events = async () => (await stores.records.eventLog.read(id, { after: 0, limit: 500 })).events
      await expect
        .poll(events, patient)
        .toContainEqual(
          expect.objectContaining({ type: 'command.refused', by: 'bob', failure: expect.objectContaining(expired) }),
        )
      expect(await stateOf(stores, id)).toMatchObject({ status: 'gated' })
      await stores.records.commands.give(id, { command: { command: 'approve' }, by: 'bob' })
      await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'succeeded' })
      expect(ran).toEqual(['web-1: restart', 'web-2: restart'])
    },
  )

  it('answers no question', async () => {
    await using stores = openStores(server)
    await using past = openStores(server, { prefix: stores.prefix, agoMs: hourMs })
    const asked: unknown[] = []
    const answer = async (question: unknown) => {
      asked.push(question)
      return { checks: [] } as never
    }
    await using worker = createAnswerer(stores.redis, {
      cluster,
      prefix: stores.prefix,
      clock: createSystemClock(),
      seals,
      concurrency: 1,
      onError: () => {},
      onBug: () => {},
      answers: { plan: answer, hosts: answer, doctor: answer, balancers: answer, recovery: answer },
    })
    await worker.ready()
    const ask = ({ queues }: Stores) =>
      queues.ask(cluster, 'doctor', { asked: { specs: [] }, signal: AbortSignal.timeout(20_000) })

    await expect(ask(past)).rejects.toThrow('ORDER_EXPIRED')
    await expect(ask(stores)).resolves.toEqual({ checks: [] })

    expect(asked).toHaveLength(1)
  })

  it('walks no host: the job of a walk that has ended starts no other walk', async () => {
    await using stores = openStores(server)
    await using past = openStores(server, { prefix: stores.prefix, agoMs: hourMs })
    const { ports, ran } = inMemoryCluster(['web-1'])
    const id = await stores.create('fail')
    await enqueue(stores, id)
    // The walk is over long after its job was signed.
    await using _worker = await startTestWorker('w1', { stores: { ...stores, queues: past.queues }, ports })
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'failed' })
    const hosts = queueOf(stores, 'hosts')
    const { name, data } = (await hosts.getJob(`${id}~web-1`))!
    await hosts.remove(`${id}~web-1`)
    await stores.records.commands.give(id, { command: { command: 'retry' }, by: 'ada' })
    // Its coordinator has not come to start the host's next walk.
    const claim = await stores.records.claims.claimDeployment(id, 'w2')
    await claim.append({ type: 'hosts.requeued', hosts: ['web-1'], intent: 'deploy', by: 'ada' })

    const replayed = await hosts.add(name, data, { jobId: `${id}~web-1` })
    await expect.poll(() => replayed.getState(), patient).toBe('failed')

    expect((await hosts.getJob(replayed.id!))!.failedReason).toContain('ORDER_EXPIRED')
    expect(ran).toEqual(['web-1: fail'])
  })
})

describe('an order for another cluster', () => {
  it('is not carried out by the worker that finds it, and by its own later', async () => {
    await using stores = openStores(server, { clusters: [cluster, 'us'] })
    const { ports, ran } = inMemoryCluster(['web-1'])
    const id = await stores.create('true', { cluster: 'us' })
    await using _worker = await startTestWorker('w1', { stores, ports })
    const { application, environment, version } = (await stores.records.deployments.read(id))!.spec

    const moved = await queueOf(stores, 'deployments').add(
      'x',
      { deploymentId: id, application, environment, version },
      { jobId: id },
    )
    await expect.poll(() => moved.getState(), patient).toBe('failed')

    expect((await queueOf(stores, 'deployments').getJob(id))!.failedReason).toContain('ORDER_MISDIRECTED')
    expect(await stateOf(stores, id)).toMatchObject({ status: 'queued' })
    expect(ran).toEqual([])
    await using _other = await startTestWorker('w2', { stores, ports, of: 'us' })
    await enqueue(stores, id)
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'succeeded' })
  })
})

describe('a rotation of keys', () => {
  const [old, next] = [testKeys(), testKeys()]
  /** A worker's own seals, and those of the API that it hears of. */
  const worker = (...keys: (typeof old)[]) =>
    createWorkerSeals({
      publicKeys: keys.map(({ publicKey }) => publicKey),
      recordKeys: keys.map(({ recordKey }) => recordKey),
    })
  const api = (key: typeof old, ...otherKeys: string[]) =>
    createApiSeals({ key: key.key, otherKeys, recordPublicKeys: [] })

  it('has workers take orders by both keys, then refuse the old one, and say so', async () => {
    await using stores = openStores(server, { seals: worker(next, old) })
    const { prefix } = stores
    await using before = openStores(server, { prefix, seals: api(old) })
    await using after = openStores(server, { prefix, seals: api(next, old.publicKey) })
    const { ports, ran } = inMemoryCluster(['web-1'])
    const rotating = await startTestWorker('w1', { stores, ports })

    for (const each of [before, after]) {
      const id = await each.create()
      await enqueue(each, id)
      await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'succeeded' })
    }
    await rotating[Symbol.asyncDispose]()
    await using rotated = openStores(server, { prefix, seals: worker(next) })
    await using _worker = await startTestWorker('w2', { stores: rotated, ports })
    const [byOld, byNew] = [await before.create(), await after.create()]
    for (const id of [byOld, byNew]) await enqueue(after, id)

    await expect.poll(() => stateOf(after, byNew), patient).toMatchObject({ status: 'succeeded' })
    await expect
      .poll(() => stateOf(after, byOld), patient)
      .toMatchObject({
        status: 'failed',
        failure: {
          code: 'ORDER_FORGED',
          message: expect.stringMatching(/no key that is trusted here has the id "[\w-]{8}"/) as string,
          hint: expect.stringContaining('If keys were just rotated') as string,
        },
      })
    expect(ran).toEqual(['web-1: true', 'web-1: true', 'web-1: true'])
  })

  it('carries a deployment at a gate over: begun by old keys, approved and ended by new ones', async () => {
    await using stores = openStores(server, { seals: worker(old) })
    const { prefix } = stores
    await using before = openStores(server, { prefix, seals: api(old) })
    await using after = openStores(server, { prefix, seals: api(next, old.publicKey) })
    const { ports, ran } = inMemoryCluster(['web-1', 'web-2'])
    const id = await order(before, gated)
    await enqueue(before, id)
    const first = await startTestWorker('w1', { stores, ports })
    await expect.poll(() => stateOf(before, id), patient).toMatchObject({ status: 'gated' })
    await first[Symbol.asyncDispose]()
    await using rotating = openStores(server, { prefix, seals: worker(next, old) })
    await using _second = await startTestWorker('w2', { stores: rotating, ports })

    await after.records.commands.give(id, { command: { command: 'approve' }, by: 'bob' })

    await expect.poll(() => stateOf(after, id), patient).toMatchObject({ status: 'succeeded' })
    expect(ran).toEqual(['web-1: restart', 'web-2: restart'])
  })

  it('has the API take definitions by both keys, then refuse the old one', async () => {
    await using before = openStores(server, { seals: api(old) })
    const { prefix } = before
    await using rotating = openStores(server, { prefix, seals: api(next, old.publicKey) })
    await using rotated = openStores(server, { prefix, seals: api(next) })
    const definition = { name: 'payments', team: 'core' }
    await before.records.applications.put(definition as never)

    await expect(rotating.records.applications.read('payments')).resolves.toMatchObject(definition)
    await expect(rotated.records.applications.read('payments')).rejects.toMatchObject({ code: 'ORDER_FORGED' })

    await rotating.records.applications.put(definition as never)
    await expect(rotated.records.applications.read('payments')).resolves.toMatchObject(definition)
  })
})

function queueOf({ queues }: Stores, kind: string) {
  return queues.all.find(({ name }) => name === `${kind}-${cluster}`)!
}
