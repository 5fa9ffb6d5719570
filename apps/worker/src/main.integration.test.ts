import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { createSystemClock } from '@vesemir/process/clock'
import { createPresence } from '@vesemir/store/presence'
import { startRedis } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cluster, openStores, ordersSettings } from './testing/open-stores.ts'
import { spawnWorker } from './testing/spawn-worker.ts'

let folder: string
/** Takes connections, and never answers. */
let silentChef: Server
let orders: object
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-worker-'))
  silentChef = createServer().listen(0, '127.0.0.1')
  await once(silentChef, 'listening')
  for (const name of ['chef.pem', 'ssh.pem']) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    await writeFile(join(folder, name), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  }
  orders = await ordersSettings(folder)
})
afterAll(async () => {
  silentChef.close()
  await rm(folder, { recursive: true })
})

test('SIGTERM returns work in progress to the queue, and ends the process with 0', async () => {
  await using server = await startRedis()
  await using stores = openStores(server)
  const { records, queues, prefix } = stores
  await using worker = await spawnWorker(folder, settings({ redis: server.url, prefix }))
  const id = await stores.create()
  const asked = once(silentChef, 'connection')
  await queues.enqueueDeployment((await records.deployments.read(id))!)
  await asked

  worker.child.kill('SIGTERM')

  expect(await worker.ended).toEqual([0, null])
  await worker.logged('job continues in another worker')
  expect(await queues.all[0]!.getJobState(id)).toBe('waiting')
  expect((await records.deployments.read(id))!.state.status).toBe('planning')
})

test('a drained worker returns its work to the queue, takes none, and resumes', async () => {
  await using server = await startRedis()
  await using stores = openStores(server)
  const { records, queues, redis, prefix } = stores
  const presence = createPresence(redis, { clock: createSystemClock(), prefix })
  const jobsOf = async () => (await presence.list())[0]?.report.jobs
  await using worker = await spawnWorker(folder, settings({ name: 'w1', redis: server.url, prefix }))
  const id = await stores.create()
  const asked = once(silentChef, 'connection')
  await queues.enqueueDeployment((await records.deployments.read(id))!)
  await asked
  await expect.poll(jobsOf, { timeout: 10_000 }).toMatchObject([{ deployment: id, environment: 'production' }])

  await presence.drain('w1', { by: 'ada' })
  await worker.logged('draining; work in progress returns to the queue')
  await expect.poll(jobsOf, { timeout: 10_000 }).toEqual([])
  expect(await queues.all[0]!.getJobState(id)).toBe('waiting')
  expect(await presence.list()).toMatchObject([{ report: { takesJobs: false } }])

  const askedAgain = once(silentChef, 'connection')
  await presence.resume('w1')
  await askedAgain
  worker.child.kill('SIGTERM')
  expect(await worker.ended).toEqual([0, null])
  expect(await presence.list()).toEqual([])
})

test('a second signal is not waited for, when Redis is away', async () => {
  const server = await startRedis()
  await using worker = await spawnWorker(folder, settings({ redis: server.url }))
  await worker.logged('worker ready')
  await server[Symbol.asyncDispose]()
  await worker.logged('connection to Redis failed')

  worker.child.kill('SIGTERM')
  await worker.logged('shutting down; work in progress returns to the queue')
  // What follows at once would be taken for the same wish.
  const again = setInterval(() => worker.child.kill('SIGTERM'), 100)

  expect(await worker.ended).toEqual([null, 'SIGTERM'])
  clearInterval(again)
})

test('logs that Redis refuses its password, and not the password', async () => {
  await using server = await startRedis()
  await server.connect().config('SET', 'requirepass', 'another')
  await using worker = await spawnWorker(
    folder,
    settings({ redis: server.url.replace('redis://', 'redis://:hunter2@') }),
  )
  await worker.logged('connection to Redis failed')

  worker.child.kill('SIGTERM')
  await worker.ended

  expect(worker.stdout()).toContain('WRONGPASS')
  expect(worker.stdout()).not.toContain('hunter2')
})

test('a question that is none ends no process, and the next is answered', async () => {
  await using server = await startRedis()
  await using stores = openStores(server)
  await using worker = await spawnWorker(folder, settings({ redis: server.url, prefix: stores.prefix }))
  const questions = stores.queues.all.find(({ name }) => name === `questions-${cluster}`)!
  const asked = { spec: { loadBalancer: { kind: 'none' }, changeset: { kind: 'none' }, hosts: { query: 'no term' } } }
  await questions.add('plan', { kind: 'plan', asked })

  await worker.logged('invalid data in Redis')
  const signal = AbortSignal.timeout(30_000)
  const report = await stores.queues.ask(cluster, 'doctor', { asked: { specs: [] }, signal })

  expect(report.checks).toMatchObject([{ name: 'redis' }])
  expect(worker.child.exitCode).toBeNull()
})

test('reaches Redis by TLS alone, where Redis demands a certificate of it and an authority is its own', async () => {
  const [own, other] = [makeCertificate(folder), makeCertificate(folder)]
  const files = { certificate: own.caFile, key: own.keyFile, ca: own.caFile }
  await using server = await startRedis({ tls: files })
  await using worker = await spawnWorker(folder, settings({ redis: server.url, redisTls: files }))
  await worker.logged('worker ready')
  worker.child.kill('SIGTERM')
  expect(await worker.ended).toEqual([0, null])

  for (const redisTls of [undefined, { ca: own.caFile }, { ...files, ca: other.caFile }]) {
    await using refused = await spawnWorker(folder, settings({ redis: server.url, redisTls }))
    await refused.logged('connection to Redis failed')
    expect(refused.stdout()).not.toContain('worker ready')
  }
})

test('refuses a Redis that a newer version has brought further, and says of which', async () => {
  await using server = await startRedis()
  await server.connect().hset('vesemir:schema', { schema: 99, software: '9.1.0' })
  await using worker = await spawnWorker(folder, settings({ redis: server.url }))

  expect(await worker.ended).toEqual([7, null])
  expect(worker.stderr()).toMatch(
    /^error: Redis holds schema 99, of Vesemir 9\.1\.0; this is .* \(SCHEMA_TOO_NEW\)\n→ Run the version/,
  )
})

test('works without INFO where Redis forbids it, and says so', async () => {
  await using server = await startRedis()
  await using stores = openStores(server)
  await stores.redis.call('ACL', 'SETUSER', 'vesemir', 'on', '>hunter2', '~*', '&*', '+@all', '-@dangerous')
  const redis = server.url.replace('redis://', 'redis://vesemir:hunter2@')
  await using worker = await spawnWorker(folder, settings({ redis, prefix: stores.prefix }))
  await worker.logged('Redis user may not run INFO; version not checked')
  await worker.logged('worker ready')
  const asked = once(silentChef, 'connection')

  const id = await stores.create()
  await stores.queues.enqueueDeployment((await stores.records.deployments.read(id))!)

  await asked
  expect(worker.child.exitCode).toBeNull()
})

test('SIGHUP replaces the rules of a cluster at once, and wrong settings replace nothing', async () => {
  await using server = await startRedis()
  await using stores = openStores(server)
  const { records, queues, prefix } = stores
  const settingsWith = (rules: object) => {
    const { clusters, ...others } = settings({ redis: server.url, prefix })
    return { ...others, clusters: { [cluster]: { ...clusters[cluster], ...rules } } }
  }
  await using worker = await spawnWorker(folder, settingsWith({}))
  const deploy = async () => {
    const id = await stores.create()
    await queues.enqueueDeployment((await records.deployments.read(id))!)
    return async () => (await records.deployments.read(id))!.state
  }
  const asked = once(silentChef, 'connection')
  await deploy()
  await asked

  await worker.writeSettings(
    settingsWith({ protections: [{ environments: ['production'], approvals: [{ afterHosts: 0 }] }] }),
  )
  worker.child.kill('SIGHUP')
  await worker.logged('settings reloaded')
  const refused = { status: 'failed', failure: { code: 'ENVIRONMENT_PROTECTED' } }
  await expect.poll(await deploy()).toMatchObject(refused)

  await worker.writeSettings(settingsWith({ protections: [], accept: [] }))
  worker.child.kill('SIGHUP')
  await worker.logged('settings are not valid: nothing is reloaded')
  await expect.poll(await deploy()).toMatchObject(refused)
})

test('says in words what is wrong with a file that holds no settings', async () => {
  await using worker = await spawnWorker(folder, 'hello')

  expect(await worker.ended).toEqual([2, null])
  expect(worker.stderr()).toContain('worker.yml:1:1  the file is a string; write one "name: value" a line\n')
})

test('settings that are wrong are named, without their values, and the process ends with 2', async () => {
  const wrong = settings({ redis: 'redis://:hunter2@127.0.0.1:1', maxConcurrentHosts: 0, colour: 'hunter2' })
  await using worker = await spawnWorker(folder, wrong)

  expect(await worker.ended).toEqual([2, null])
  expect(worker.stderr()).toContain('maxConcurrentHosts: 0 is too small: at least 1')
  expect(worker.stderr()).toContain('colour: unknown setting')
  expect(worker.stderr()).not.toContain('hunter2')
  expect(worker.stderr()).not.toContain('    at ')
})

function settings(changes: object) {
  const { port } = silentChef.address() as AddressInfo
  const clientKey = join(folder, 'chef.pem')
  return {
    orders,
    clusters: {
      [cluster]: {
        inventory: { kind: 'chef', serverUrl: `http://127.0.0.1:${port}`, clientName: 'vesemir', clientKey },
        remoteShell: { kind: 'ssh', user: 'deploy', privateKey: join(folder, 'ssh.pem') },
      },
    },
    ...changes,
  }
}
