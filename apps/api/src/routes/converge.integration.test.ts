import { createClient, type ApiError, type DeploymentSpec } from '@vesemir/contract'
import { aPlan } from '@vesemir/contract/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'
import { deployed, startPlanner } from '../testing/start-planner.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const request = { environment: 'production' }
const clientOf = (api: TestApi, role: 'viewer' | 'deployer' | 'admin' = 'deployer') =>
  createClient({ url: api.url, token: tokenOf(role) })

it('is one deployment of what should run for all who ask before it has its turn', async () => {
  await using api = await startApi(server)
  const since = await deployed(api, '1.4.2')
  const only = { behind: [{ host: 'web-2', why: 'nothing was deployed to it' }], leftOut: [], upToDate: 1 }
  const asked: DeploymentSpec[] = []
  await using _worker = await startPlanner(api, { server, only, asked })

  const first = await clientOf(api).converge('payments', request)
  const second = await clientOf(api).converge('payments', request)

  expect(first).toMatchObject({ version: '1.4.2', since, only })
  expect(second).toEqual({ version: '1.4.2', since, id: first.id })
  expect(asked).toMatchObject([{ version: '1.4.2', only: 'behind', converges: { deployment: since } }])
  const { deployment } = await clientOf(api).getDeployment(first.id!)
  expect(deployment.spec).toMatchObject({ only: 'behind', converges: { deployment: since } })
})

it('starts no deployment where nothing is behind, nor in a dry run, which a viewer may ask for', async () => {
  await using api = await startApi(server)
  await deployed(api, '1.4.2')
  const only = { behind: [], leftOut: [], upToDate: 2 }
  await using _worker = await startPlanner(api, { server, only })

  const found = await clientOf(api).converge('payments', request)
  const seen = await clientOf(api, 'viewer').converge('payments', { ...request, dryRun: true })

  expect([found.id, found.only]).toEqual([undefined, only])
  expect(seen.only).toEqual(only)
  await expect(clientOf(api, 'viewer').converge('payments', request)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  expect((await clientOf(api).listDeployments()).deployments).toHaveLength(1)
})

describe('of one host, with a token for nothing else', () => {
  const only = { behind: [{ host: 'web-2', why: 'nothing was deployed to it' }], leftOut: [], upToDate: 0 }
  const body = { ...request, host: 'web-2' }

  /** What a program does that has a token for machines of payments in production. */
  async function startMachine(api: TestApi) {
    const grant = { role: 'converger' as const, applications: ['payments'], environments: ['production'] }
    const { token } = await clientOf(api).createToken({ name: 'machines', grants: [grant] })
    return createClient({ url: api.url, token })
  }

  it('is a deployment to this host alone, the same for who asks again before it has ended', async () => {
    await using api = await startApi(server)
    const since = await deployed(api, '1.4.2')
    const asked: DeploymentSpec[] = []
    await using _worker = await startPlanner(api, { server, only, asked })
    const machine = await startMachine(api)

    const first = await machine.converge('payments', body)
    const whileQueued = await machine.converge('payments', body)
    const claim = await api.records.claims.claimDeployment(first.id!, 'w1')
    await claim.append({ type: 'deployment.planned', plan: aPlan(['web-2']) })
    const whileRunning = await machine.converge('payments', body)

    const converges = { deployment: since, release: expect.any(String) as string }
    expect(asked).toMatchObject([{ hosts: { only: ['web-2'] }, partial: true, only: 'behind', converges }])
    expect([whileQueued.id, whileRunning.id]).toEqual([first.id, first.id])
    const { deployment } = await clientOf(api).getDeployment(first.id!)
    expect(deployment).toMatchObject({ requestedBy: 'deployer-name', spec: asked[0]! })
  })

  it('is refused where the host is left out, and a deployment to all others is not', async () => {
    await using api = await startApi(server)
    await deployed(api, '1.4.2')
    const leftOut = [{ host: 'web-2', why: 'failed in d-2: vesemir retry d-2', failedIn: 'd-2' }]
    const said = { behind: [], leftOut, upToDate: 0, failedBefore: [{ host: 'web-9', failedIn: 'd-3' }] }
    await using _worker = await startPlanner(api, { server, only: said })
    const machine = await startMachine(api)

    const answer = machine.converge('payments', body)

    await expect(answer).rejects.toMatchObject({
      problem: { status: 409, code: 'HOSTS_LEFT_OUT', detail: 'web-2 is left out: failed in d-2: vesemir retry d-2' },
    })
    said.upToDate = 1
    const { only } = await clientOf(api).converge('payments', request)
    expect(only).toEqual({ behind: [], leftOut, upToDate: 1 })
    expect((await clientOf(api).listDeployments()).deployments).toHaveLength(1)
  })

  it('joins one to all hosts that has not asked them yet, and is not joined by one to all', async () => {
    await using api = await startApi(server)
    await deployed(api, '1.4.2')
    await using _worker = await startPlanner(api, { server, only })
    const machine = await startMachine(api)

    const one = await machine.converge('payments', body)
    const all = await clientOf(api).converge('payments', request)
    const another = await machine.converge('payments', { ...request, host: 'web-3' })

    expect(all.id).not.toBe(one.id)
    expect(another.id).toBe(all.id)
  })

  it('is refused for a host that the inventory does not have, for all hosts, and elsewhere', async () => {
    await using api = await startApi(server)
    await deployed(api, '1.4.2')
    await using _worker = await startPlanner(api, { server, only })
    const machine = await startMachine(api)
    const refusalOf = (asked: Parameters<typeof machine.converge>[1], name = 'payments') =>
      machine.converge(name, asked).then(
        () => 'none',
        (error: ApiError) => `${error.code}: ${error.message}`,
      )

    expect(await refusalOf({ ...request, host: 'web-9' })).toMatch(
      /^HOST_UNKNOWN: the inventory has no host web-9 of payments in production/,
    )
    expect(await refusalOf(request)).toMatch(/^FORBIDDEN: deployer-name, you may bring up one host at a time/)
    expect(await refusalOf({ ...body, dryRun: true })).toMatch(/^FORBIDDEN/)
    expect(await refusalOf({ ...body, environment: 'test' })).toMatch(/^(?:APPLICATION|ENVIRONMENT)_UNKNOWN/)
    expect(await refusalOf(body, 'ledger')).toMatch(/^APPLICATION_UNKNOWN/)
    expect((await machine.listDeployments()).deployments).toEqual([])
    expect((await clientOf(api).listDeployments()).deployments).toHaveLength(1)
  })
})

it('is recorded with the deployment that was started or is waiting already, and not where it is a dry run', async () => {
  await using api = await startApi(server)
  await deployed(api, '1.4.2')
  const only = { behind: [{ host: 'web-2', why: 'nothing was deployed to it' }], leftOut: [], upToDate: 1 }
  await using _worker = await startPlanner(api, { server, only })
  await clientOf(api, 'viewer').converge('payments', { ...request, dryRun: true })
  await clientOf(api, 'viewer')
    .converge('ledger', { ...request, dryRun: true })
    .catch(() => {})
  const { id } = await clientOf(api).converge('payments', request)
  await clientOf(api).converge('payments', request)

  const { entries } = await clientOf(api, 'admin').listAudit()

  const subject = { application: 'payments', environment: 'production', deployment: id }
  const entry = { action: 'converge', outcome: 'succeeded', subject }
  expect(entries.filter(({ action }) => action === 'converge')).toMatchObject([entry, entry])
})

it('is refused before anything has succeeded there', async () => {
  await using api = await startApi(server)
  await api.records.applications.put(anApplication())

  await expect(clientOf(api).converge('payments', request)).rejects.toMatchObject({ code: 'CONVERGE_UNSETTLED' })
})
