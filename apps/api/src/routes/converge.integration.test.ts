import {
  createClient,
  DeploymentRequest,
  type DeploymentSpec,
  type HostsBehind,
  type PlanPreview,
} from '@vesemir/contract'
import { aPlan } from '@vesemir/contract/testing'
import { resolveSpec } from '@vesemir/core'
import { createSystemClock } from '@vesemir/process/clock'
import { createAnswerer } from '@vesemir/store/queue'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { anApplication, seals, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const request = { environment: 'production' }
const unasked = async () => expect.fail('this is not asked here')

/** Starts a worker that says which hosts are behind. */
async function startPlanner({ prefix }: TestApi, only: HostsBehind, asked: DeploymentSpec[] = []) {
  const redis = server.connect({ maxRetriesPerRequest: null })
  const plan = async ({ spec }: { spec: DeploymentSpec }): Promise<PlanPreview> => {
    asked.push(spec)
    return { plan: { ...aPlan(only.behind.map(({ host }) => host)), only }, servers: [], steps: [], needsYes: false }
  }
  const answers = { plan, hosts: unasked, doctor: unasked, balancers: unasked, recovery: unasked }
  const worker = createAnswerer(redis, {
    cluster: 'eu',
    concurrency: 5,
    prefix,
    clock: createSystemClock(),
    seals,
    answers,
    onError: () => {},
    onBug: () => {},
  })
  await worker.ready()
  return worker
}

/** Deploys a version to all hosts of payments, as a worker records it. */
async function deployed({ records }: TestApi, version: string): Promise<string> {
  const application = anApplication()
  await records.applications.put(application)
  const asked = DeploymentRequest.parse({ application: 'payments', environment: 'production', version })
  const { id } = await records.deployments.create({
    spec: resolveSpec(asked, { application, clusters: ['eu'] }),
    requestedBy: 'ada',
  })
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web-1', 'web-2']) })
  await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
  return id
}

const clientOf = (api: TestApi, role: 'viewer' | 'deployer' | 'admin' = 'deployer') =>
  createClient({ url: api.url, token: tokenOf(role) })

it('is one deployment of what should run for all who ask before it has its turn', async () => {
  await using api = await startApi(server)
  const since = await deployed(api, '1.4.2')
  const only = { behind: [{ host: 'web-2', why: 'nothing was deployed to it' }], leftOut: [], upToDate: 1 }
  const asked: DeploymentSpec[] = []
  await using _worker = await startPlanner(api, only, asked)

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
  await using _worker = await startPlanner(api, only)

  const found = await clientOf(api).converge('payments', request)
  const seen = await clientOf(api, 'viewer').converge('payments', { ...request, dryRun: true })

  expect([found.id, found.only]).toEqual([undefined, only])
  expect(seen.only).toEqual(only)
  await expect(clientOf(api, 'viewer').converge('payments', request)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  expect((await clientOf(api).listDeployments()).deployments).toHaveLength(1)
})

it('is recorded with the deployment that was started or is waiting already, and not where it is a dry run', async () => {
  await using api = await startApi(server)
  await deployed(api, '1.4.2')
  const only = { behind: [{ host: 'web-2', why: 'nothing was deployed to it' }], leftOut: [], upToDate: 1 }
  await using _worker = await startPlanner(api, only)
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
