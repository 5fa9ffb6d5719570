import { DeploymentRequest, Protection, type Problem } from '@vesemir/contract'
import { aPlan } from '@vesemir/contract/testing'
import { resolveSpec } from '@vesemir/core'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { z } from 'zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication } from './testing/start-api.ts'
import { startTwoTeams, tokenFor, type TwoTeams } from './testing/two-teams.ts'

const people = {
  dora: [{ role: 'deployer' }],
  carl: [{ role: 'approver' }],
  olga: [{ role: 'operator' }],
  anna: [{ role: 'admin' }],
} as const
const rule = (changes: Partial<z.input<typeof Protection>> = {}): Protection[] => [
  Protection.parse({ environments: ['prod*'], mayChange: ['concurrency'], ...changes }),
]
const order = { application: 'payments', environment: 'production', version: '1.4.2' }

/** As much as the strictest rule here demands. */
const kept = { concurrency: 1, rollout: { gates: [{ afterWave: 0, wait: 'approval', approvals: 2 }] } }
const frozen = { from: '2000-01-01 00:00', to: '2999-01-01 00:00', timeZone: 'UTC', reason: 'stocktaking' }

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

async function start(protections: Protection[]): Promise<TwoTeams> {
  const api = await startTwoTeams(server, { people, protections })
  const rollout = { gates: [{ afterWave: 1, wait: 'approval' }] }
  await api.records.applications.put(anApplication({ rollout }))
  return api
}

async function post(api: TwoTeams, who: string, url: string, payload: object) {
  const headers = { authorization: `Bearer ${tokenFor(who)}` }
  const answer = await api.app.inject({ method: 'POST', url, headers, payload })
  return answer.statusCode < 400 ? 'accepted' : answer.json<Problem>().code
}

describe('a protected environment', () => {
  it('keeps the gates of the definition, and all settings but those that the rule leaves open', async () => {
    await using api = await start(rule())
    const deploy = (changes: object) => post(api, 'dora', '/v1/deployments', { ...order, ...changes })

    expect(await deploy({ rollout: {} })).toBe('ENVIRONMENT_PROTECTED')
    expect(await deploy({ rollout: { maxFailures: 9, gates: [{ wait: 'approval' }] } })).toBe('ENVIRONMENT_PROTECTED')
    expect(await deploy({ acceptLowCapacity: true })).toBe('ENVIRONMENT_PROTECTED')
    expect(await deploy({ hosts: { query: 'recipes:haproxy' } })).toBe('ENVIRONMENT_PROTECTED')
    expect(await deploy({ concurrency: 3, hosts: { only: ['payments-1'] }, reason: 'fix' })).toBe('accepted')
  })

  it.each([
    ['of its environment', { environments: { production: { concurrency: 5 } } }, 'environments.production.concurrency'],
    ['for all environments', { concurrency: 5, environments: { production: {} } }, 'concurrency'],
    ['of its way', { environments: { production: { loadBalancer: { kind: 'none' } } } }, 'loadBalancer.kind'],
  ])('takes no definition whose settings %s are below its floors, and names the field', async (_, changes, field) => {
    await using api = await start(rule({ maxConcurrency: 2, minHealthy: 1 }))
    const put = async (definition: object) =>
      api.app.inject({
        method: 'PUT',
        url: '/v1/applications/payments',
        headers: { authorization: `Bearer ${tokenFor('anna')}` },
        payload: definition,
      })
    const { loadBalancer: _none, ...general } = anApplication({})
    const balanced = { kind: 'haproxy', boxes: { tags: ['lb'] }, backends: ['app'], minHealthy: 1 }
    const good = { ...general, loadBalancer: balanced, environments: { production: {}, staging: { concurrency: 9 } } }

    expect((await put(good)).json()).toMatchObject({ name: 'payments' })
    const answer = await put({ ...good, ...changes })

    expect(answer.json()).toMatchObject({
      code: 'ENVIRONMENT_PROTECTED',
      errors: [expect.objectContaining({ field: expect.stringContaining(field) as string })],
    })
    expect((await api.records.applications.read('payments'))!.concurrency).toBeUndefined()
  })

  it('keeps them for a stored plan too', async () => {
    await using api = await startTwoTeams(server, { people, protections: rule() })
    const url = `/v1/plans/${api.core.planId}/deployments`

    expect(await post(api, 'dora', url, { acceptLowCapacity: true })).toBe('ENVIRONMENT_PROTECTED')
  })

  it('leaves out the migration of no version that has not succeeded there, by request or by stored plan', async () => {
    await using api = await start(rule())
    const tasks = [{ name: 'migrate', when: 'before', command: './migrate' }]
    const definition = anApplication({ tasks })
    await api.records.applications.put(definition)
    const back = DeploymentRequest.parse({ ...order, version: '1.0.0', goesBack: true })
    const spec = resolveSpec(back, { application: definition, clusters: ['eu'] })
    const id = await api.records.plans.nextId()
    await api.records.plans.keep({ id, request: back, spec: { ...spec, planId: id }, plan: aPlan(['payments-1']) })
    const goBack = async () => [
      await post(api, 'dora', '/v1/deployments', back),
      await post(api, 'dora', `/v1/plans/${id}/deployments`, {}),
    ]

    expect(await goBack()).toEqual(['ENVIRONMENT_PROTECTED', 'ENVIRONMENT_PROTECTED'])
    const claim = await api.records.claims.claimDeployment(api.core.deploymentId, 'w1')
    await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })

    expect(await goBack()).toEqual(['accepted', 'accepted'])
    expect(await post(api, 'dora', '/v1/deployments', { ...back, version: '1.0.1' })).toBe('ENVIRONMENT_PROTECTED')
  })

  it('keeps its floors whatever the definition says, and names every field that breaks one', async () => {
    const floors = { maxConcurrency: 1, maxFailures: 0, approvals: [{ afterHosts: 0, people: 2 }] }
    await using api = await start(rule(floors))
    const rollout = { maxFailures: 3, gates: [{ afterWave: 0, wait: 'approval' }] }
    await api.records.applications.put(anApplication({ concurrency: 2, rollout }))

    const headers = { authorization: `Bearer ${tokenFor('dora')}` }
    const answer = await api.app.inject({ method: 'POST', url: '/v1/deployments', headers, payload: order })

    expect(answer.json<Problem>()).toMatchObject({
      status: 403,
      code: 'ENVIRONMENT_PROTECTED',
      errors: [{ field: 'concurrency' }, { field: 'rollout.maxFailures' }, { field: 'rollout.gates' }],
    })
    await api.records.applications.put(anApplication(kept))
    expect(await post(api, 'dora', '/v1/deployments', order)).toBe('accepted')
  })

  it('takes no deployment and no retry in a freeze, and says when it ends; an admin may override', async () => {
    await using api = await startTwoTeams(server, { people, protections: rule({ freezes: [frozen] }) })
    const { deploymentId } = api.core

    expect(await post(api, 'dora', '/v1/deployments', order)).toBe('ENVIRONMENT_FROZEN')
    expect(await post(api, 'dora', `/v1/plans/${api.core.planId}/deployments`, {})).toBe('ENVIRONMENT_FROZEN')
    expect(await post(api, 'dora', '/v1/deployments', { ...order, override: true })).toBe('FORBIDDEN')
    expect(await post(api, 'anna', '/v1/deployments', { ...order, override: true })).toBe('accepted')
    expect(await post(api, 'dora', `/v1/deployments/${deploymentId}/commands`, { command: 'retry' })).toBe(
      'ENVIRONMENT_FROZEN',
    )
    expect(await post(api, 'dora', `/v1/deployments/${deploymentId}/commands`, { command: 'cancel' })).toBe('accepted')
  })

  it('leaves the lock of another to the roles that the rule names', async () => {
    await using api = await start(rule({ unlock: ['admin'] }))
    const lift = async (who: string) => {
      const headers = { authorization: `Bearer ${tokenFor(who)}` }
      const url = '/v1/locks/payments/production'
      await api.records.applicationLocks.put({ ...order, by: 'chief', reason: 'incident' })
      const answers = [
        await api.app.inject({ method: 'PUT', url, headers, payload: { reason: 'mine' } }),
        await api.app.inject({ method: 'DELETE', url, headers }),
      ]
      return answers.map((answer) => answer.statusCode)
    }

    expect(await lift('olga')).toEqual([403, 403])
    expect(await lift('anna')).toEqual([200, 200])
  })

  it.each([
    ['another environment', { environments: ['test'] }],
    ['another cluster', { clusters: ['us'] }],
  ])('is not meant by a rule for %s', async (_, changes) => {
    await using api = await start(rule(changes))

    expect(await post(api, 'dora', '/v1/deployments', { ...order, rollout: {} })).toBe('accepted')
  })

  it('has another than the requester approve, unless the rule says otherwise', async () => {
    const approve = async (protections: Protection[], who: string) => {
      await using api = await start(protections)
      const spec = (await api.records.deployments.read(api.core.deploymentId))!.spec
      const { id } = await api.records.deployments.create({ spec, requestedBy: 'dora' })
      const claim = await api.records.claims.claimDeployment(id, 'w1')
      const until = new Date(Date.now() + 60_000).toISOString()
      await claim.append({ type: 'deployment.gated', gate: { kind: 'approval', afterWave: 1, until } })
      return await post(api, who, `/v1/deployments/${id}/commands`, { command: 'approve' })
    }

    expect(await approve(rule(), 'dora')).toBe('ENVIRONMENT_PROTECTED')
    expect(await approve(rule(), 'carl')).toBe('accepted')
    expect(await approve(rule({ approveOwn: true }), 'dora')).toBe('accepted')
    expect(await approve([], 'dora')).toBe('accepted')
  })
})

it('says which environments of an application are frozen, now and soon', async () => {
  const soon = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
  const later = { ...frozen, from: soon, reason: 'the holidays' }
  await using api = await start([
    ...rule({ freezes: [frozen] }),
    ...rule({ environments: ['stag*'], freezes: [later] }),
  ])
  await api.records.applications.put(anApplication({ environments: { production: {}, staging: {}, test: {} } }))
  const headers = { authorization: `Bearer ${tokenFor('carl')}` }

  const answer = await api.app.inject({ url: '/v1/applications/payments/freezes', headers })

  expect(answer.json()).toEqual({
    freezes: [
      { environment: 'production', text: 'production is frozen until 2999-01-01 00:00 UTC: stocktaking' },
      { environment: 'staging', text: `staging is frozen from ${soon} UTC: the holidays` },
    ],
  })
})
