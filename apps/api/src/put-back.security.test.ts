import { DeploymentRequest, type CreatedApiToken, type DoctorReport, type Problem } from '@vesemir/contract'
import { resolveSpec, type EndFact } from '@vesemir/core'
import { createPersonSessions } from '@vesemir/store/credential'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { createSystemClock } from '@vesemir/process/clock'
import { aPlan, aSpec } from '@vesemir/contract/testing'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, bearer, startApi, type TestApi } from './testing/start-api.ts'
import { startTwoTeams, tokenFor } from './testing/two-teams.ts'

/**
 * A stranger who can write to Redis has kept what stood there, well signed, and puts it back after it was replaced or removed. Each
 * such value is refused, by a process that saw the newer one and by one that has just started.
 */
let server: RedisServer
let redis: Redis
beforeAll(async () => {
  server = await startRedis()
  redis = server.connect()
})
afterAll(async () => {
  redis.disconnect()
  await server[Symbol.asyncDispose]()
})

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

async function send({ app }: TestApi, method: Method, url: string, payload?: object) {
  return app.inject({ method, url, headers: bearer('admin'), ...(payload ? { payload } : {}) })
}

const codeOf = async (answer: ReturnType<typeof send>) => (await answer).json<Problem>().code

/** Keeps what keys hold now. Returns what puts it back. */
async function photograph(keys: readonly string[]): Promise<() => Promise<void>> {
  const dumps = await Promise.all(keys.map(async (key) => ({ key, dump: await redis.dumpBuffer(key) })))
  return async () => {
    for (const { key, dump } of dumps)
      if (dump) await redis.restore(key, 0, dump, 'REPLACE')
      else await redis.del(key)
  }
}

const keysLike = async ({ prefix }: TestApi, pattern: string) => redis.keys(`${prefix}:${pattern}`)
const url = '/v1/applications/payments'
const order = { application: 'payments', environment: 'production', version: '1' }

/** Deploys a version to all hosts, as a worker records it. */
async function deploy(
  { records }: TestApi,
  version: string,
  end: Omit<EndFact, 'type'> = { outcome: 'succeeded' },
): Promise<string> {
  const application = anApplication()
  await records.applications.put(application)
  const asked = DeploymentRequest.parse({ ...order, version })
  const spec = resolveSpec(asked, { application, clusters: ['eu'] })
  const { id } = await records.deployments.create({ spec, requestedBy: 'ada' })
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web-1']) })
  await claim.supersede()
  await claim.end({ type: 'deployment.ended', ...end })
  return id
}

describe('an older definition', () => {
  it('is deployed by nobody, is told by doctor, and ends when the application is registered again', async () => {
    await using api = await startApi(server)
    await send(api, 'PUT', url, anApplication({ service: { restart: 'old restart' } }))
    const putBack = await photograph([`${api.prefix}:applications`])
    await send(api, 'PUT', url, anApplication())
    await putBack()
    await using fresh = await startApi(server, { prefix: api.prefix, answerTimeoutMs: 100 })

    for (const each of [api, fresh]) {
      expect(await codeOf(send(each, 'GET', url))).toBe('ORDER_FORGED')
      expect(await codeOf(send(each, 'POST', '/v1/deployments', order))).toBe('ORDER_FORGED')
    }
    const { checks } = (await send(fresh, 'GET', '/v1/doctor')).json<DoctorReport>()
    expect(checks).toContainEqual(
      expect.objectContaining({
        ok: false,
        detail: 'application payments was replaced in Redis after it was registered',
      }),
    )
    expect((await send(fresh, 'PUT', url, anApplication())).statusCode).toBe(200)
    expect((await send(api, 'POST', '/v1/deployments', order)).statusCode).toBe(202)
  })

  it('is not believed with the list that it was on, by a process that saw a newer one', async () => {
    await using api = await startApi(server)
    await send(api, 'PUT', url, anApplication({ service: { restart: 'old restart' } }))
    const putBack = await photograph(await keysLike(api, 'applications*'))
    await send(api, 'PUT', url, anApplication())
    await putBack()

    expect(await codeOf(send(api, 'POST', '/v1/deployments', order))).toBe('ORDER_FORGED')
    expect((await send(api, 'PUT', url, anApplication())).statusCode).toBe(200)
    expect((await send(api, 'POST', '/v1/deployments', order)).statusCode).toBe(202)
  })

  it.each([
    ['its list is removed', 'applications:list'],
    ['all are removed', 'applications'],
  ])('is not made room for when %s', async (_, key) => {
    await using api = await startApi(server)
    await send(api, 'PUT', url, anApplication())
    await redis.del(`${api.prefix}:${key}`)
    await using fresh = await startApi(server, { prefix: api.prefix })

    expect(await codeOf(send(fresh, 'GET', url))).toBe('ORDER_FORGED')
  })
})

it('a definition that was tampered with is replaced by those alone whose grant is over everything', async () => {
  const people = { dora: [{ role: 'admin' as const, teams: ['core'] }] }
  await using api = await startTwoTeams(server, { people })
  await api.records.applications.put(anApplication({ team: 'fin' }))
  await redis.hset(`${api.prefix}:applications`, 'payments', '{}')
  const put = (authorization: string) =>
    api.app.inject({ method: 'PUT', url, headers: { authorization }, payload: anApplication() })

  const answer = await put(`Bearer ${tokenFor('dora')}`)

  expect(answer.statusCode).not.toBe(200)
  await expect(api.records.applications.read('payments')).rejects.toMatchObject({ code: 'ORDER_NOT_SIGNED' })
})

describe('a token that was revoked', () => {
  it('stays revoked when its record is put back, and when all of its records are for who saw that it was', async () => {
    await using api = await startApi(server)
    const made = await send(api, 'POST', '/v1/tokens', { name: 'ci', grants: [{ role: 'viewer' }] })
    const { token, id } = made.json<CreatedApiToken>()
    const headers = { authorization: `Bearer ${token}` }
    const callWith = async ({ app }: TestApi) => (await app.inject({ url: '/v1/session', headers })).statusCode
    expect(await callWith(api)).toBe(200)
    const putBackRecord = await photograph([`${api.prefix}:api-token:${id}`, `${api.prefix}:api-tokens`])
    const putBackAll = await photograph(await keysLike(api, 'api-token*'))
    await send(api, 'DELETE', `/v1/tokens/${id}`)

    await putBackRecord()
    await redis.del(...(await keysLike(api, 'signed-out:*')))
    await using fresh = await startApi(server, { prefix: api.prefix })
    expect([await callWith(api), await callWith(fresh)]).toEqual([401, 401])

    await putBackAll()
    expect([await callWith(api), await callWith(fresh)]).toEqual([401, 401])
  })
})

it('a session that has ended, and the groups that somebody was in, cannot be put back', async () => {
  const prefix = 'people'
  const open = () => createPersonSessions(redis, { prefix, secret: 'a secret of 32 characters or more', clock })
  const clock = createSystemClock()
  const sessions = open()
  const expiresMs = clock.now() + 3_600_000
  const person = { provider: 'sso', subject: '1', name: 'ada', groups: ['sre'], idToken: '', checkMs: 0, expiresMs }
  const { id, token, ...session } = await sessions.start(person)
  const putBack = await photograph(await redis.keys(`${prefix}:person-session:*`))
  const putBackGroups = await photograph(await redis.keys(`${prefix}:person-groups:*`))
  await sessions.update({ ...session, id, groups: [] })
  await sessions.end(id)

  await putBack()
  await putBackGroups()

  for (const each of [sessions, open()]) {
    expect(await each.identify(token)).toBeUndefined()
    expect((await each.groupsOf('ada')) ?? []).toEqual([])
  }
})

it.each([
  ['an older version that was deployed there', (older: string) => ({ deployment: older, version: '1.0.0' })],
  ['a version that no deployment put there', (_: string, newer: string) => ({ deployment: newer, version: '6.6.6' })],
])('%s is not converged to when it is put down as what should run', async (_, forge) => {
  await using api = await startApi(server)
  const [older, newer] = [await deploy(api, '1.0.0'), await deploy(api, '2.0.0')]
  const { deployment, version } = forge(older, newer)
  const keys = { wanted: `${api.prefix}:wanted:payments`, current: `${api.prefix}:current:payments` }
  await redis.hset(keys.wanted, 'production', JSON.stringify({ deployment, version, release: version }))
  await redis.hset(keys.current, 'production', JSON.stringify({ id: deployment, version }))

  expect(await codeOf(send(api, 'POST', `${url}/convergence`, { environment: 'production' }))).toBe(
    'CONVERGE_UNSETTLED',
  )
  expect((await api.records.deploymentIndex.list({ limit: 50 })).deployments).toHaveLength(2)
})

it('a version whose deployment failed is not converged to when it is put down as what should run', async () => {
  await using api = await startApi(server)
  await deploy(api, '1.0.0')
  const failure = { code: 'COMMAND_FAILED', message: 'web-1', hint: 'Read its log.' }
  const deployment = await deploy(api, '2.0.0', { outcome: 'failed', failure })
  const release = aPlan(['web-1']).release.id
  const keys = { wanted: `${api.prefix}:wanted:payments`, current: `${api.prefix}:current:payments` }
  await redis.hset(keys.wanted, 'production', JSON.stringify({ deployment, version: '2.0.0', release }))
  await redis.hset(keys.current, 'production', JSON.stringify({ id: deployment, version: '2.0.0' }))

  const answer = await send(api, 'POST', `${url}/convergence`, { environment: 'production' })

  expect(answer.json<Problem>()).toMatchObject({
    code: 'CONVERGE_UNSETTLED',
    detail: `${deployment} has not put 2.0.0 on all hosts`,
  })
  expect((await api.records.deploymentIndex.list({ limit: 50 })).deployments).toHaveLength(2)
})

it('a plan that is no longer kept is none, though it is put back', async () => {
  let agoMs = 25 * 3_600_000
  const system = createSystemClock()
  await using api = await startApi(server, { clock: { ...system, now: () => system.now() - agoMs } })
  const spec = aSpec({ application: 'payments', environment: 'production' })
  const request = { ...order, wait: true, override: false }
  await api.records.plans.keep({ id: 'p-1', request, spec, plan: aPlan(['web-1']) })
  const kept = await api.records.plans.read('p-1')
  await redis.persist(`${api.prefix}:plan:p-1`)

  agoMs = 0

  expect(kept).toMatchObject({ id: 'p-1' })
  expect(await api.records.plans.read('p-1')).toBeUndefined()
})

it.each<[string, (plans: { mine: string; other: string }) => string, string]>([
  ['changed', ({ mine }) => mine.replace('web-1', 'web-9'), 'ORDER_FORGED'],
  ['sealed by nobody', ({ mine }) => mine.split('\n')[0]!, 'ORDER_NOT_SIGNED'],
  ['in the place of another', ({ other }) => other, 'ORDER_FORGED'],
])('a plan that is %s is deployed by nobody, and as it was kept it is', async (_, forge, code) => {
  await using api = await startApi(server)
  const application = anApplication()
  await api.records.applications.put(application)
  const keepPlan = async (version: string) => {
    const request = DeploymentRequest.parse({ ...order, version })
    const id = await api.records.plans.nextId()
    const spec = { ...resolveSpec(request, { application, clusters: ['eu'] }), planId: id }
    await api.records.plans.keep({ id, request, spec, plan: aPlan(['web-1']) })
    return id
  }
  const [id, otherId] = [await keepPlan('1'), await keepPlan('2')]
  const keyOf = (plan: string) => `${api.prefix}:plan:${plan}`
  const [mine, other] = [(await redis.get(keyOf(id)))!, (await redis.get(keyOf(otherId)))!]
  const deployPlan = async () => codeOf(send(api, 'POST', `/v1/plans/${id}/deployments`, {}))

  await redis.set(keyOf(id), forge({ mine, other }))
  const forged = await deployPlan()
  await redis.set(keyOf(id), mine)

  expect(forged).toBe(code)
  expect((await api.records.deploymentIndex.list({ limit: 50 })).deployments).toEqual([])
  expect(await deployPlan()).toBeUndefined()
})

it('a browser that has signed out stays so when the note of it is removed, for every process that has seen it', async () => {
  await using api = await startApi(server)
  const origin = new URL(api.url).origin
  const signIn = await fetch(`${api.url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token: bearer('admin').authorization.slice('Bearer '.length) }),
  })
  const cookie = signIn.headers.get('set-cookie')!.split(';')[0]!
  const call = async () => (await fetch(`${api.url}/v1/session`, { headers: { cookie } })).status
  expect(await call()).toBe(200)
  await fetch(`${api.url}/v1/session`, { method: 'DELETE', headers: { cookie, origin } })

  await redis.del(...(await keysLike(api, 'signed-out:*')))

  expect(await call()).toBe(401)
})
