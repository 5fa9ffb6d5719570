import { createClient, type DeploymentSpec } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { createAnswerer } from '@vesemir/store/queue'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { anApplication, seals, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

/** Starts a worker that answers which hosts there are. */
async function startInventory({ prefix }: TestApi, findHosts: (spec: DeploymentSpec) => string[]) {
  const unasked = async () => expect.fail('this is not asked here')
  const redis = server.connect({ maxRetriesPerRequest: null })
  const hosts = async ({ spec }: { spec: DeploymentSpec }) => ({ hosts: findHosts(spec) })
  const answers = { plan: unasked, hosts, doctor: unasked, balancers: unasked, recovery: unasked }
  const ignored = { onError: () => {}, onBug: () => {} }
  const worker = createAnswerer(redis, {
    cluster: 'eu',
    concurrency: 1,
    prefix,
    clock: createSystemClock(),
    seals,
    answers,
    ...ignored,
  })
  await worker.ready()
  return worker
}

const clientOf = (api: TestApi, role: 'viewer' | 'deployer' = 'deployer') =>
  createClient({ url: api.url, token: tokenOf(role) })
const web9 = { name: 'payments', environment: 'production', host: 'web-9' }

it('shows hosts that nothing was deployed to, where the inventory is asked', async () => {
  await using api = await startApi(server)
  await api.records.applications.put(anApplication())
  await using _worker = await startInventory(api, ({ environment }) => [`${environment}-1`])

  const known = await clientOf(api, 'viewer').listHosts('payments')
  const all = await clientOf(api, 'viewer').listHosts('payments', { inventory: 'true' })

  expect(known).toEqual({ hosts: [], failures: [] })
  expect(all).toEqual({
    hosts: [{ host: 'production-1', environment: 'production', inInventory: true, traffic: 'untouched' }],
    failures: [],
  })
})

it('says why an inventory did not answer, beside what is known', async () => {
  await using api = await startApi(server)
  await api.records.applications.put(anApplication())
  await using _worker = await startInventory(api, () => {
    throw new VesemirError('INVENTORY_UNREACHABLE', 'chef.test does not answer')
  })

  const { failures } = await clientOf(api).listHosts('payments', { inventory: 'true' })

  expect(failures).toMatchObject([{ environment: 'production', failure: { code: 'INVENTORY_UNREACHABLE' } }])
})

it('forgets no host that the inventory has, none while it does not answer, and none that is not known', async () => {
  await using api = await startApi(server, { answerTimeoutMs: 500 })
  await api.records.applications.put(anApplication())
  const unanswered = await clientOf(api)
    .forgetHost(web9)
    .catch((error: unknown) => error)
  await using _worker = await startInventory(api, () => ['web-9'])

  const refused = await Promise.allSettled([
    clientOf(api).forgetHost(web9),
    clientOf(api).forgetHost({ ...web9, host: 'web-8' }),
    clientOf(api, 'viewer').forgetHost(web9),
  ])

  expect(unanswered).toMatchObject({ code: 'WORKER_TIMED_OUT' })
  expect(refused).toMatchObject([
    { reason: { code: 'HOST_IN_INVENTORY' } },
    { reason: { code: 'HOST_UNKNOWN' } },
    { reason: { code: 'FORBIDDEN' } },
  ])
})

it('the hosts of an application that is not registered are not known', async () => {
  await using api = await startApi(server)

  await expect(clientOf(api).listHosts('ghost')).rejects.toMatchObject({ code: 'APPLICATION_UNKNOWN' })
})
