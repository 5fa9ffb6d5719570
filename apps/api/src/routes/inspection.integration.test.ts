import { createSystemClock } from '@vesemir/process/clock'
import { createAnswerer, type Answers } from '@vesemir/store/queue'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { createClient, type DoctorCheck } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, seals, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const check: DoctorCheck = { name: 'ssh', target: 'web-1', ok: true, detail: 'connected' }

async function startAnswers({ prefix }: TestApi, answers: Partial<Answers>) {
  const unasked = async () => {
    throw new Error('this is not asked here')
  }
  const redis = server.connect({ maxRetriesPerRequest: null })
  const worker = createAnswerer(redis, {
    cluster: 'eu',
    concurrency: 1,
    prefix,
    onError: () => {},
    onBug: () => {},
    clock: createSystemClock(),
    seals,
    answers: { plan: unasked, hosts: unasked, doctor: unasked, balancers: unasked, recovery: unasked, ...answers },
  })
  await worker.ready()
  return worker
}

const clientOf = (api: TestApi, role: 'deployer' | 'admin' = 'deployer') =>
  createClient({ url: api.url, token: tokenOf(role) })

describe('the doctor', () => {
  it('has each cluster tried by its own workers, and finds those without any', async () => {
    await using api = await startApi(server, { answerTimeoutMs: 500 })
    await api.records.applications.put(anApplication())
    const asked: string[][] = []
    await using _worker = await startAnswers(api, {
      doctor: async ({ specs }) => {
        asked.push(specs.map(({ application, environment }) => `${application} in ${environment}`))
        return { checks: [check] }
      },
    })

    const { checks } = await clientOf(api).doctor()

    expect(asked).toEqual([['payments in production']])
    expect(checks).toMatchObject([check, { name: 'worker', target: 'cluster us', ok: false }])
  })
})

describe("the load balancers' doctor", () => {
  it('asks a worker, and changes something for admins alone', async () => {
    await using api = await startApi(server)
    const asked: unknown[] = []
    await using _worker = await startAnswers(api, {
      balancers: async (question) => {
        asked.push(question)
        return { servers: [] }
      },
    })

    await clientOf(api).doctorBalancers({ cluster: 'eu' })
    await clientOf(api, 'admin').doctorBalancers({ cluster: 'eu', application: 'payments', fix: true })
    const refused = clientOf(api).doctorBalancers({ cluster: 'eu', fix: true })

    const unclear = clientOf(api).doctorBalancers({})

    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(unclear).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' })
    expect(asked).toEqual([{ fix: false }, { application: 'payments', fix: true }])
  })

  it('adds what the marks of hosts tell, and says whose could not be read', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const ref = { box: 'lb-1', backend: 'app', server: 'web-1' }
    const found = {
      deployment: 'd-7',
      host: 'web-1',
      notedAt: '2026-11-29T00:00:00.000Z',
      verdict: 'left-out',
    } as const
    const finding = { server: ref, ...found, action: 'restorable' } as const
    await using _worker = await startAnswers(api, {
      balancers: async () => ({ servers: [] }),
      recovery: async () => ({ servers: [finding], unasked: [{ host: 'web-2', message: 'unreachable' }] }),
    })

    expect(await clientOf(api).doctorBalancers({ cluster: 'eu' })).toEqual({
      servers: [finding],
      unread: [{ place: 'web-2', message: 'unreachable' }],
    })
  })
})
