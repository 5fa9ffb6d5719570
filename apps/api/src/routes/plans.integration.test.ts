import { createSystemClock } from '@vesemir/process/clock'
import { once } from 'node:events'
import { createAnswerer } from '@vesemir/store/queue'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { createClient, Protection, type ApiError, type DeploymentSpec, type PlanPreview } from '@vesemir/contract'
import { errorTable, VesemirError, type ErrorCode } from '@vesemir/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, seals, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const order = { application: 'payments', environment: 'production', version: '1.4.2' }

const preview: PlanPreview = {
  plan: {
    hosts: [],
    boxes: [],
    concurrency: 1,
    waves: [],
    release: { strategy: 'command', id: '1.4.2' },
    warnings: [],
  },
  servers: [],
  steps: [{ step: 'restart', does: 'sv restart payments' }],
  needsYes: false,
  estimateSeconds: 12,
}

const unasked = async () => {
  throw new Error('this is not asked here')
}

async function startPlanner(
  api: TestApi,
  answer: (spec: DeploymentSpec, signal: AbortSignal) => Promise<PlanPreview>,
  onBug: (error: unknown) => void = (error) => expect.fail(String(error)),
) {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const clock = createSystemClock()
  const options = { cluster: 'eu', concurrency: 1, prefix: api.prefix, clock, seals, onError: () => {} }
  const plan = ({ spec }: { spec: DeploymentSpec }, signal: AbortSignal) => answer(spec, signal)
  const answers = { plan, hosts: unasked, doctor: unasked, balancers: unasked, recovery: unasked }
  const worker = createAnswerer(redis, { ...options, answers, onBug })
  await worker.ready()
  return worker
}

describe('a plan', () => {
  it('ends when its caller has gone, who has two at once with workers', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const begun: AbortSignal[] = []
    await using _worker = await startPlanner(api, async (_spec, signal) => {
      begun.push(signal)
      await once(signal, 'abort')
      throw signal.reason
    })
    const questions = api.queues.all.find(({ name }) => name.startsWith('questions'))!
    const leaving = new AbortController()
    const ask = (role: 'viewer' | 'deployer') => {
      const headers = { authorization: `Bearer ${tokenOf(role)}`, 'content-type': 'application/json' }
      const request = { method: 'POST', headers, body: JSON.stringify(order), signal: leaving.signal }
      return fetch(`${api.url}/v1/plans`, request)
    }

    const left = Promise.allSettled([ask('viewer'), ask('viewer'), ask('viewer'), ask('viewer')])
    await expect.poll(() => questions.getJobCounts('active', 'waiting')).toEqual({ active: 1, waiting: 1 })
    const another = Promise.allSettled([ask('deployer')])
    await expect.poll(() => questions.getJobCounts('active', 'waiting')).toEqual({ active: 1, waiting: 2 })
    leaving.abort()

    await Promise.all([left, another])
    await expect.poll(() => begun[0]!.aborted).toBe(true)
    await expect.poll(() => questions.getJobCounts('active', 'waiting')).toEqual({ active: 0, waiting: 0 })
  })

  it('is made by a worker of the cluster, from the complete request, and changes nothing', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const asked: DeploymentSpec[] = []
    await using _worker = await startPlanner(api, async (spec) => {
      asked.push(spec)
      return preview
    })

    const plan = await createClient({ url: api.url, token: tokenOf('viewer') }).createPlan(order)

    expect(plan).toEqual({ ...preview, id: 'p-1', expiresAt: expect.any(String) as string })
    expect(asked).toMatchObject([{ ...order, cluster: 'eu', team: 'core', concurrency: 1, planId: 'p-1' }])
    expect((await api.records.deploymentIndex.list({ limit: 1 })).deployments).toEqual([])
  })

  it('says what the rules of a protected environment refuse of it', async () => {
    const protections = [Protection.parse({ environments: ['production'] })]
    await using api = await startApi(server, { protections })
    const tasks = [{ name: 'migrate', when: 'before', command: './migrate' }]
    await api.records.applications.put(anApplication({ tasks }))
    await using _worker = await startPlanner(api, async () => preview)
    const warnings = async (changes: object) =>
      (await createClient({ url: api.url, token: tokenOf('viewer') }).createPlan({ ...order, ...changes })).plan
        .warnings

    expect(await warnings({})).toEqual([])
    expect(await warnings({ concurrency: 2 })).toEqual([
      'deploying this is refused: production is protected: concurrency: a request may not change it',
    ])
    expect(await warnings({ goesBack: true })).toEqual([
      'deploying this is refused: production is protected: goesBack: no record shows that 1.4.2 succeeded in production, and only its tasks of a rollback would run: deploy it without goesBack, or have an admin allow mayChange: [tasks]',
    ])
  })

  it('is deployed as it is, once for a key, and with what only the deployment adds', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    await using _worker = await startPlanner(api, async () => preview)
    const deployer = createClient({ url: api.url, token: tokenOf('deployer') })
    const { id: planId } = await deployer.createPlan({ ...order, hosts: { only: ['web-1'] } })

    const { id } = await deployer.deployPlan(planId, { reason: 'seen' }, { idempotencyKey: 'k' })
    const again = await deployer.deployPlan(planId, { reason: 'seen' }, { idempotencyKey: 'k' })

    expect(again.id).toBe(id)
    expect((await deployer.getDeployment(id)).deployment.spec).toMatchObject({
      ...order,
      planId,
      reason: 'seen',
      hosts: { only: ['web-1'] },
    })
    const claim = await api.records.claims.claimDeployment(id, 'worker-1')
    expect(await claim.readExpectedPlan()).toEqual(preview.plan)
  })

  it('is refused when the settings have changed since, and when it is not known', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    await using _worker = await startPlanner(api, async () => preview)
    const deployer = createClient({ url: api.url, token: tokenOf('deployer') })
    const { id } = await deployer.createPlan(order)
    await api.records.applications.put({ ...anApplication(), concurrency: '50%' })

    await expect(deployer.deployPlan(id)).rejects.toMatchObject({
      code: 'PLAN_CHANGED',
      message: `${id} is out of date: settings of payments: concurrency`,
    })
    await expect(deployer.deployPlan('p-99')).rejects.toMatchObject({ code: 'PLAN_UNKNOWN' })
    expect((await api.records.deploymentIndex.list({ limit: 1 })).deployments).toEqual([])
  })

  it('fails with what the worker found', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    await using _worker = await startPlanner(api, async () => {
      throw new VesemirError('PLAN_EMPTY', 'no host runs payments')
    })

    const plan = createClient({ url: api.url, token: tokenOf('viewer') }).createPlan(order)

    await expect(plan).rejects.toMatchObject({ code: 'PLAN_EMPTY', message: 'no host runs payments' })
  })

  it('fails with the code, the sentence and the hint of whatever error the worker meets, its own settings included', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const codes = (Object.keys(errorTable) as ErrorCode[]).filter((code) => code !== 'INTERNAL')
    await using _worker = await startPlanner(api, async ({ version: code }) => {
      throw new VesemirError(code as ErrorCode, `${code} happened on the worker`)
    })
    const client = createClient({ url: api.url, token: tokenOf('viewer') })

    const plans = await Promise.allSettled(codes.map((version) => client.createPlan({ ...order, version })))

    const problems = plans.map((plan) => (plan as { reason: ApiError }).reason.problem)
    expect(problems.map(({ code, detail, hint, status }) => ({ code, detail, hint, status }))).toEqual(
      codes.map((code) => ({
        code,
        detail: `${code} happened on the worker`,
        hint: errorTable[code].hint,
        status: errorTable[code].status,
      })),
    )
  })

  it('names the cluster whose worker has a bug, and that worker hears of it', async () => {
    await using api = await startApi(server)
    await api.records.applications.put(anApplication())
    const bug = new TypeError('plan is not iterable')
    const heard: unknown[] = []
    await using _worker = await startPlanner(
      api,
      () => Promise.reject(bug),
      (error) => heard.push(error),
    )

    const plan = createClient({ url: api.url, token: tokenOf('viewer') }).createPlan(order)

    await expect(plan).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'a worker of cluster eu failed to answer (plan): plan is not iterable',
    })
    expect(heard).toEqual([bug])
  })

  it('is not waited for without end when no worker is there, and leaves no job', async () => {
    await using api = await startApi(server, { answerTimeoutMs: 200 })
    await api.records.applications.put(anApplication())

    const plan = createClient({ url: api.url, token: tokenOf('viewer') }).createPlan(order)

    await expect(plan).rejects.toMatchObject({ code: 'WORKER_TIMED_OUT', problem: { status: 504 } })
    const jobs = await Promise.all(api.queues.all.map((queue) => queue.getJobs()))
    expect(jobs.flat()).toEqual([])
  })
})
