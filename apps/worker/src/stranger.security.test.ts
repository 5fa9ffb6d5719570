import { createRecipients, RecipientsOptions } from '@vesemir/machines/notification'
import { createSystemClock } from '@vesemir/process/clock'
import { createJournal } from '@vesemir/store/journal'
import { createAnswerer } from '@vesemir/store/queue'
import { createRecords } from '@vesemir/store/record'
import { testSeals } from '@vesemir/store/seal/testing'
import { startReceiver } from '@vesemir/testing/start-receiver'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { DeploymentSpec } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkRecords } from './answers/check-records.ts'
import { inMemoryCluster } from './testing/in-memory-cluster.ts'
import { apiSeals, cluster, openStores, seals, type Stores } from './testing/open-stores.ts'
import { startTestWorker } from './testing/start-test-worker.ts'

/**
 * A stranger who can write to Redis, and knows all that this repository says, but has no key. They can stop deployments, and start or
 * change none.
 */
let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const patient = { timeout: 20_000 }
/** Their own keys sign as well as any. */
const theirs = testSeals().both

/** Stores, machines and, once it is started, a worker; what the stranger writes is in Redis before the worker looks. */
function openScene() {
  const stores = openStores(server)
  const { redis, prefix, records, queues } = stores
  const machines = inMemoryCluster(['web-1', 'web-2'])
  const queueOf = (kind: string) => queues.all.find(({ name }) => name === `${kind}-${cluster}`)!
  return {
    stores,
    redis,
    records,
    queues,
    queueOf,
    ...machines,
    keyOf: (id: string) => `${prefix}:deployment:${id}`,
    start: () => startTestWorker('w1', { stores, ports: machines.ports }),
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  }
}

let created = 0

async function order({ records, queues }: Stores, changes: Partial<DeploymentSpec> = {}): Promise<string> {
  const spec = aSpec({
    application: `payments-${(created += 1)}`,
    cluster,
    service: { restart: 'restart' },
    healthCheck: { kind: 'tcp', port: 80, successes: 1 },
    ...changes,
  })
  const { id } = await records.deployments.create({ spec, requestedBy: 'ada' })
  await queues.enqueueDeployment((await records.deployments.read(id))!)
  return id
}

/** A deployment that stops for approval after its first host. */
const gated = {
  concurrency: [1],
  rollout: { ...aSpec({}).rollout, gates: [{ afterWave: 1, wait: 'approval', approvals: 1, timeout: '1h' }] },
} satisfies Partial<DeploymentSpec>

/** A deployment as the API shows it. */
async function readAsApi({ redis, prefix }: Stores, id: string) {
  await using records = createRecords(redis, { clock: createSystemClock(), seals: apiSeals, prefix })
  return (await records.deployments.read(id))!
}

const stateOf = async (stores: Stores, id: string) => (await readAsApi(stores, id)).state

const failedAs = (code: string) => ({ status: 'failed', failure: { code } })

/** A text that a process has sealed, changed by the stranger, who keeps the seal or puts one of their own. */
function changed(sealed: string, change: (text: string) => string): string {
  const [text = '', seal = ''] = sealed.split('\n')
  return `${change(text)}\n${seal}`
}

/**
 * Appends an event of theirs, with a command where there is an `order`, in one step as processes do: of an event that is counted
 * before it is there, a coordinator may have read past the number.
 */
async function append(
  redis: Stores['redis'],
  key: string,
  { event, channel, order = '' }: { event: object; channel: 'commands' | 'ends'; order?: string },
): Promise<void> {
  const script = `
    local seq = redis.call('hincrby', KEYS[1], 'seq', 1)
    if ARGV[2] ~= '' then redis.call('hset', KEYS[1], 'commands', cjson.encode({ { seq = seq, order = ARGV[2] } })) end
    redis.call('xadd', KEYS[2], seq .. '-0', 'event', ARGV[1])
    redis.call('publish', KEYS[3], seq)`
  await redis.eval(script, 3, key, `${key}:events`, `${key}:${channel}`, JSON.stringify(event), order)
}

describe('a deployment that waits', () => {
  const hook = (text: string) => text.replace('"afterDrain":[]', '"afterDrain":["rm -rf /"]').replace('"ada"', '"ceo"')

  test.each([
    [
      'its order with a hook and another requester',
      'ORDER_FORGED',
      (sealed: string) => ({ order: changed(sealed, hook) }),
    ],
    ['its order without its seal', 'ORDER_NOT_SIGNED', (sealed: string) => ({ order: sealed.split('\n')[0]! })],
    [
      'its order with a seal of their own',
      'ORDER_FORGED',
      (sealed: string, id: string) => ({
        order: theirs.orders.put(`the order of ${id}`, hook(sealed.split('\n')[0]!)),
      }),
    ],
    [
      'a record beside its order',
      'ORDER_NOT_SIGNED',
      (sealed: string) => ({ deployment: hook(sealed.split('\n')[0]!).replace('"at"', '"createdAt"') }),
    ],
  ])('runs nowhere when a stranger puts %s there', async (_, code, forge) => {
    await using scene = openScene()
    const { stores, redis, keyOf, ran } = scene
    const [touched, untouched] = [await order(stores), await order(stores)]
    await redis.hset(keyOf(touched), forge((await redis.hget(keyOf(touched), 'order'))!, touched))

    await using _worker = await scene.start()

    await expect.poll(() => stateOf(stores, untouched), patient).toMatchObject({ status: 'succeeded' })
    await expect.poll(() => stateOf(stores, touched), patient).toMatchObject(failedAs(code))
    expect(ran).toEqual(['web-1: restart', 'web-2: restart'])
  })

  test('says who ordered it when a stranger has put another record there', async () => {
    await using scene = openScene()
    const { stores, redis, records, keyOf } = scene
    const id = await order(stores)
    const { commands: _commands, counts: _counts, ...row } = (await records.deployments.read(id))!
    await redis.hset(keyOf(id), 'deployment', JSON.stringify({ ...row, requestedBy: 'ceo' }))

    await using _worker = await scene.start()

    await expect.poll(() => redis.hget(keyOf(id), 'status'), patient).toBe('failed')
    expect((await readAsApi(stores, id)).requestedBy).toBe('ada')
  })

  test('cannot be copied: an order is for one deployment', async () => {
    await using scene = openScene()
    const { stores, redis, keyOf, ran } = scene
    const id = await order(stores)
    const copy = 'd-99'
    await redis.copy(keyOf(id), keyOf(copy))
    await redis.sadd(`${stores.prefix}:deployments:active`, copy)
    await scene
      .queueOf('deployments')
      .add('x', { deploymentId: copy, application: 'x', environment: 'y', version: '1' })

    await using _worker = await scene.start()

    await expect.poll(() => redis.hget(keyOf(copy), 'status'), patient).toBe('failed')
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'succeeded' })
    expect(ran).toEqual(['web-1: restart', 'web-2: restart'])
  })
})

describe('a deployment at a gate', () => {
  const approval = { command: { command: 'approve' }, by: 'ceo', at: '2026-01-01T00:00:00.000Z' }

  test.each([
    ['without a seal', (_id: string) => JSON.stringify(approval), 'ORDER_NOT_SIGNED'],
    ['with a seal of their own', () => theirs.orders.put('command 1 to d-1', JSON.stringify(approval)), 'ORDER_FORGED'],
  ])('is not let on by an approval %s', async (_, forge, code) => {
    await using scene = openScene()
    const { stores, redis, keyOf, ran } = scene
    const id = await order(stores, gated)
    await using _worker = await scene.start()
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'gated' })

    const event = { type: 'deployment.commanded', ...approval }
    await append(redis, keyOf(id), { event, channel: 'commands', order: forge(id) })

    await expect.poll(() => redis.hget(keyOf(id), 'status'), patient).toBe('failed')
    expect(await stateOf(stores, id).catch(({ code }: { code: string }) => failedAs(code))).toMatchObject(
      failedAs(code),
    )
    expect(ran).toEqual(['web-1: restart'])
  })

  test('is not let on by a host job that its coordinator has not started, nor by one of another host', async () => {
    await using scene = openScene()
    const { stores, ran } = scene
    const id = await order(stores, gated)
    await using _worker = await scene.start()
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'gated' })
    const hosts = scene.queueOf('hosts')
    const { data } = (await hosts.getJob(`${id}~web-1`))!
    const injected = await hosts.add('x', { ...data, host: 'web-2' }, { jobId: `${id}~web-2` })
    const { order: sealed } = data as { order: string }
    const bare = { ...data, host: 'web-2', order: sealed.split('\n')[0]!.replace('"web-1"', '"web-2"') }
    const unsigned = await hosts.add('x', bare, { jobId: `${id}~web-2~again` })

    await expect.poll(() => injected.getState(), patient).toBe('failed')
    await expect.poll(() => unsigned.getState(), patient).toBe('failed')

    expect((await hosts.getJob(injected.id!))!.failedReason).toContain('ORDER_FORGED')
    expect((await hosts.getJob(unsigned.id!))!.failedReason).toContain('ORDER_NOT_SIGNED')
    expect(ran).toEqual(['web-1: restart'])
    await stores.records.commands.give(id, { command: { command: 'reject' }, by: 'ada' })
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'failed' })
  })

  test('reaches no machine that a stranger has put in the place of one of its hosts', async () => {
    await using scene = openScene()
    const { stores, redis, records, keyOf, ran } = scene
    const id = await order(stores, gated)
    await using _worker = await scene.start()
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'gated' })
    const sealed = (await redis.hget(keyOf(id), 'host:web-2'))!
    await redis.hset(
      keyOf(id),
      'host:web-2',
      changed(sealed, (text) => text.replace('10.0.0.2', '10.66.66.66')),
    )

    await records.commands.give(id, { command: { command: 'approve' }, by: 'ada' })

    await expect.poll(() => stateOf(stores, id), patient).toMatchObject(failedAs('ORDER_FORGED'))
    expect(ran).toEqual(['web-1: restart'])
  })

  test('takes no end of a host that no worker wrote', async () => {
    await using scene = openScene()
    const { stores, redis, keyOf, ran } = scene
    const id = await order(stores, { service: { restart: 'hang', timeout: '60s' } as DeploymentSpec['service'] })
    await using _worker = await scene.start()
    await expect.poll(() => ran, patient).toEqual(['web-1: hang'])
    const event = {
      type: 'host.ended',
      host: 'web-1',
      outcome: 'succeeded',
      traffic: 'restored',
      at: new Date().toISOString(),
    }
    await append(redis, keyOf(id), { event, channel: 'ends' })

    // Once this is carried out, the coordinator has read past what the stranger wrote.
    await stores.records.commands.give(id, { command: { command: 'pause' }, by: 'ada' })

    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'paused' })
    await stores.records.commands.give(id, { command: { command: 'resume' }, by: 'ada' })
    await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'running' })
    expect(ran).toEqual(['web-1: hang'])
  })
})

test('a job of what has ended starts nothing, however often it runs', async () => {
  await using scene = openScene()
  const { stores, ran } = scene
  const id = await order(stores)
  await using _worker = await scene.start()
  await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'succeeded' })

  for (const jobId of [id, `${id}~web-1`]) {
    const job = (await scene.queueOf(jobId === id ? 'deployments' : 'hosts').getJob(jobId))!
    await expect.poll(() => job.getState(), patient).toBe('completed')
    await job.retry('completed')
    await expect.poll(() => job.getState(), patient).toBe('completed')
  }

  expect(ran).toEqual(['web-1: restart', 'web-2: restart'])
})

test('no notice leaves that no worker has made', async () => {
  await using scene = openScene()
  await using receiver = await startReceiver()
  const options = RecipientsOptions.parse({ ops: { kind: 'webhook', url: receiver.url, secretEnv: 'SECRET' } })
  const env = { SECRET: 'a-secret-of-some-length' }
  const recipients = createRecipients(options, {
    env,
    secrets: { read: async () => new Map() },
    clock: createSystemClock(),
  })
  await using _worker = await startTestWorker('w1', { stores: scene.stores, ports: scene.ports, recipients })
  const about = { id: 'd-1', application: 'payments', environment: 'production', version: '1', team: 'core' }
  const notice = { id: 'd-1~1', at: '2026-01-01T00:00:00.000Z', event: 'ended', outcome: 'succeeded', durationMs: 1 }
  const order = JSON.stringify({
    to: 'ops',
    notice: { ...notice, deployment: { ...about, cluster, requestedBy: 'ceo' } },
  })
  const queue = scene.queueOf('notifications')
  const jobs = [order, theirs.record.put(`job d-1~1~ops of ${queue.name}`, order)].map((forged, index) =>
    queue.add('x', { deploymentId: 'd-1', to: 'ops', order: forged }, { jobId: `d-1~${index}~ops` }),
  )

  for (const job of await Promise.all(jobs)) await expect.poll(() => job.getState(), patient).toBe('failed')

  expect(receiver.received).toEqual([])
})

test('no question is answered that the API has not asked, nor one of another job', async () => {
  await using scene = openScene()
  const asked: unknown[] = []
  const answer = async (question: unknown) => {
    asked.push(question)
    return { checks: [] } as never
  }
  await using worker = createAnswerer(scene.redis, {
    cluster,
    prefix: scene.stores.prefix,
    clock: createSystemClock(),
    seals,
    concurrency: 1,
    onError: () => {},
    onBug: () => {},
    answers: { plan: answer, hosts: answer, doctor: answer, balancers: answer, recovery: answer },
  })
  await worker.ready()
  const queue = scene.queueOf('questions')
  const signal = AbortSignal.timeout(20_000)
  await scene.queues.ask(cluster, 'doctor', { asked: { specs: [] }, signal })
  const [own] = await queue.getCompleted()
  const { order } = own!.data as { order: string }

  const copied = await queue.add('doctor', { kind: 'doctor', order }, { jobId: 'copied' })
  const forged = await queue.add('doctor', { kind: 'doctor', order: changed(order, String) }, { jobId: 'forged' })
  for (const job of [copied, forged]) await expect.poll(() => job.getState(), patient).toBe('failed')

  expect((await queue.getJob('copied'))!.failedReason).toContain('ORDER_FORGED')
  expect(asked).toHaveLength(1)
})

test('no definition and no plan is taken that the API has not kept, and no server held for a journal of a stranger', async () => {
  await using scene = openScene()
  const { redis, records, stores } = scene
  const definition = { name: 'payments', team: 'core' }
  await records.applications.put(definition as never)
  const key = `${stores.prefix}:applications`
  await redis.hset(key, 'ledger', (await redis.hget(key, 'payments'))!)
  await redis.hset(
    key,
    'payments',
    changed((await redis.hget(key, 'payments'))!, (text) => text.replace('core', 'fin')),
  )
  await redis.set(`${stores.prefix}:plan:p-1`, JSON.stringify({ id: 'p-1' }))
  const server = { box: 'lb-1', backend: 'app', server: 'web-1' }
  const left = JSON.stringify({ server, deploymentId: 'd-1', host: 'web-1' })
  await redis.hset(`${stores.prefix}:left-out:eu`, 'lb-1/app/web-1', left)
  const reported: string[] = []
  const onInvalid = ({ code }: { code: string }) => void reported.push(code)
  const journal = createJournal(redis, {
    clock: createSystemClock(),
    seals,
    cluster: 'eu',
    prefix: stores.prefix,
    onInvalid,
  })

  await expect(records.applications.read('payments')).rejects.toMatchObject({ code: 'ORDER_FORGED' })
  await expect(records.applications.read('ledger')).rejects.toMatchObject({ code: 'ORDER_FORGED' })
  await expect(records.plans.read('p-1')).rejects.toMatchObject({ code: 'ORDER_NOT_SIGNED' })
  expect(await journal.listLeft()).toEqual([])
  expect(reported).toEqual(['ORDER_NOT_SIGNED'])
})

test.each([
  ['an event of a host is removed', (redis: Stores['redis'], key: string) => redis.xdel(key, '7-0')],
  ['all events are removed', (redis: Stores['redis'], key: string) => redis.del(key)],
])('a deployment is not taken up again when %s', async (_, tamper) => {
  await using scene = openScene()
  const { stores, redis, keyOf, ran } = scene
  const id = await order(stores, gated)
  const first = await scene.start()
  await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'gated' })
  await first[Symbol.asyncDispose]()
  await tamper(redis, `${keyOf(id)}:events`)
  await stores.records.commands.give(id, { command: { command: 'approve' }, by: 'ada' })

  await using _second = await scene.start()

  await expect.poll(() => stateOf(stores, id), patient).toMatchObject(failedAs('ORDER_FORGED'))
  expect(ran).toEqual(['web-1: restart'])
})

test.each([
  ['an event is removed', 'are missing', (redis: Stores['redis'], key: string) => redis.xdel(`${key}:events`, '7-0')],
  ['all events are removed', 'are missing', (redis: Stores['redis'], key: string) => redis.del(`${key}:events`)],
  [
    'an event is changed',
    'does not hold',
    async (redis: Stores['redis'], key: string) => {
      const entries = (await redis.xrange(`${key}:events`, '-', '+')) as [string, [string, string]][]
      await redis.del(`${key}:events`)
      for (const [at, [name, sealed]] of entries) {
        const forged = at === '7-0' ? changed(sealed, (text) => text.replace('"at":"2', '"at":"3')) : sealed
        await redis.xadd(`${key}:events`, at, name, forged)
      }
    },
  ],
  [
    'its order is changed',
    'does not hold',
    async (redis: Stores['redis'], key: string) =>
      redis.hset(
        key,
        'order',
        changed((await redis.hget(key, 'order'))!, (text) => text.replace('"ada"', '"ceo"')),
      ),
  ],
])('vesemir doctor says of a deployment that has ended when %s', async (_, said, tamper) => {
  await using scene = openScene()
  const { stores, redis, records, keyOf } = scene
  const id = await order(stores)
  const { application } = (await records.deployments.read(id))!.spec
  await using _worker = await scene.start()
  await expect.poll(() => stateOf(stores, id), patient).toMatchObject({ status: 'succeeded' })
  const before = await checkRecords(application, records)
  await tamper(redis, keyOf(id))

  const after = await checkRecords(application, records)

  expect(before).toMatchObject({ ok: true, detail: 'nothing is missing or changed in the newest deployments (1)' })
  expect(after).toMatchObject({ ok: false, detail: expect.stringContaining(said) as string })
  expect(after.detail).toContain(id)
})
