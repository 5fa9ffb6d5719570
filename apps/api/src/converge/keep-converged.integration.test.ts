import { createClient, Protection, type DeploymentSpec, type HostsBehind } from '@vesemir/contract'
import { aPlan } from '@vesemir/contract/testing'
import { createAuditLog } from '@vesemir/store/audit'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createIdentities } from '../identities.ts'
import { anApplication, startApi, tokenOf, type TestApi } from '../testing/start-api.ts'
import { deployed, startPlanner } from '../testing/start-planner.ts'
import { holdDueRounds } from './keep-converged.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const minuteMs = 60_000
const frozen = Protection.parse({
  environments: ['production'],
  freezes: [{ from: '2020-01-01 00:00', to: '2100-01-01 00:00', timeZone: 'UTC', reason: 'holidays' }],
})

const nothing: HostsBehind = { behind: [], leftOut: [], upToDate: 2 }
const one: HostsBehind = { behind: [{ host: 'web-2', why: 'has no release' }], leftOut: [], upToDate: 1 }
const admin = (api: TestApi) => createClient({ url: api.url, token: tokenOf('admin') })
const shown = async (api: TestApi) => (await admin(api).listSchedules('payments')).schedules[0]!

/** Registers payments as an admin, with a schedule for production. */
async function schedule(api: TestApi): Promise<void> {
  await admin(api).putApplication(anApplication({ environments: { production: { converge: { every: '15m' } } } }))
}

/** Holds the rounds that are due in a process so many minutes from now. */
async function holdAfter(minutes: number, api: TestApi): Promise<void> {
  const { records, queues, access, apiTokens, prefix } = api
  const nowMs = Date.now() + minutes * minuteMs
  const redis = server.connect()
  const auditLog = createAuditLog(redis, { clock: { now: Date.now }, prefix })
  const clock = { now: () => nowMs }
  const log = { info: () => {}, warn: () => {}, error: (fields: object) => expect(fields).toBeUndefined() }
  const identities = createIdentities({ access, apiTokens })
  const record = async (fact: Parameters<typeof auditLog.append>[0]) => void (await auditLog.append(fact))
  const ports = { ...records, queues, clusters: ['eu', 'us'], identities, rules: access, clock, log, record }
  await holdDueRounds(ports, { signal: new AbortController().signal, failures: new Map() })
  redis.disconnect()
}

it('holds each round in one process of two, and after a stop makes up for none', async () => {
  await using api = await startApi(server)
  await using other = await startApi(server, { prefix: api.prefix })
  await deployed(api, '1.4.2')
  await schedule(api)
  const asked: DeploymentSpec[] = []
  await using _worker = await startPlanner(api, { server, only: nothing, asked })

  const rounds: number[] = []
  for (const minutes of [0, 14, 15.1, 16, 300, 301, 316]) {
    await Promise.all([api, other, api, other].map((each) => holdAfter(minutes, each)))
    rounds.push(asked.length)
  }

  expect(rounds).toEqual([1, 1, 2, 2, 3, 3, 4])
  expect((await shown(api)).last).toMatchObject({
    outcome: 'nothing-behind',
    text: 'nothing is behind 1.4.2: 2 hosts run it',
  })
  expect((await admin(api).listDeployments()).deployments).toHaveLength(1)
})

it('deploys to hosts that are behind, in the name of who registered the application, and not again while that is in progress', async () => {
  await using api = await startApi(server)
  const since = await deployed(api, '1.4.2')
  await schedule(api)
  await using _worker = await startPlanner(api, { server, only: one })

  await holdAfter(0, api)
  const { last, by } = await shown(api)
  await holdAfter(16, api)

  expect([by, last]).toMatchObject([
    'admin-name',
    { outcome: 'deployed', text: '1 behind 1.4.2: web-2 has no release' },
  ])
  const { deployment } = await admin(api).getDeployment(last!.deployment!)
  const converges = { deployment: since, bySchedule: true }
  expect(deployment).toMatchObject({ requestedBy: 'admin-name', spec: { only: 'behind', converges } })
  const { entries } = await admin(api).listAudit({ action: 'schedule:converge' })
  const subject = { application: 'payments', environment: 'production', deployment: deployment.id }
  expect(entries).toMatchObject([{ who: 'admin-name', outcome: 'succeeded', grant: { role: 'admin' }, subject }])
  expect(await shown(api)).toMatchObject({
    last: { outcome: 'skipped', text: `${deployment.id} of 1.4.2 is queued (DEPLOYMENT_RUNS)` },
  })
})

it('holds the next round later each time while hosts take turns in being behind, and in time again once none is', async () => {
  await using api = await startApi(server)
  await deployed(api, '1.4.2')
  await schedule(api)
  const turns = ['web-1', 'web-2', 'web-1', 'web-2']
  const behind = turns.map((host) => ({ ...one, behind: [{ host, why: 'runs 1.4.1' }] }))
  const asked: DeploymentSpec[] = []
  await using _worker = await startPlanner(api, { server, only: [...behind, nothing, nothing], asked })

  const heldAt: number[] = []
  for (let minutes = 0; heldAt.length < 6 && minutes < 300; minutes += 1) {
    await holdAfter(minutes, api)
    if (asked.length > heldAt.length) {
      heldAt.push(minutes)
      await endStarted(api)
    }
  }

  expect(heldAt.slice(1).map((at, index) => at - heldAt[index]!)).toEqual([15, 15, 30, 60, 15])
})

it.for<[why: string, text: RegExp, prepare: (api: TestApi) => unknown]>([
  ['it is locked', /^bob has locked .*: repair \(DEPLOYMENTS_LOCKED\)$/, ({ records }) => lock(records)],
  [
    'it is frozen',
    /^production is frozen until .*: holidays \(ENVIRONMENT_FROZEN\)$/,
    ({ access }) => access.replace({ tokens: tokensOf(access), protections: [frozen] }),
  ],
  [
    'who registered it may not deploy any more',
    /^admin-name, who registered payments, may not deploy it to production any more; .* \(FORBIDDEN\)$/,
    ({ access }) => access.replace({ tokens: {} }),
  ],
  [
    'nobody is known to have registered it',
    /^nobody is known to have registered payments; register it again: vesemir apps apply \(FORBIDDEN\)$/,
    async ({ records }) => records.applications.put((await records.applications.read('payments'))!),
  ],
  [
    'a person cancelled what it started',
    /^d-2, which converged, was cancelled; the schedule resumes after: vesemir converge payments -e production/,
    cancelOne,
  ],
  [
    'a person cancelled what it started before that had a machine',
    /^d-2, which converged, was cancelled; the schedule resumes after: vesemir converge payments -e production/,
    cancelQueued,
  ],
])('skips a round where %s, without a deployment', async ([, text, prepare]) => {
  await using api = await startApi(server)
  await deployed(api, '1.4.2')
  await schedule(api)
  await using _worker = await startPlanner(api, { server, only: one })
  await prepare(api)
  const count = (await api.records.deploymentIndex.list({ limit: 50 }, [{ role: 'admin' }])).deployments.length

  await holdAfter(16, api)

  const { outcome, text: said } = (await api.records.convergeRounds.read({
    application: 'payments',
    environment: 'production',
  }))!
  expect(outcome).toBe('skipped')
  expect(said).toMatch(text)
  expect((await api.records.deploymentIndex.list({ limit: 50 }, [{ role: 'admin' }])).deployments).toHaveLength(count)
})

describe('the doctor', () => {
  const checked = async (api: TestApi) => {
    const { checks } = await admin(api).doctor({ cluster: 'eu' })
    return checks.filter(({ name }) => name === 'converge')
  }
  const target = 'payments in production'

  it('says of each schedule when its rounds are, and is content while one waits for what people do', async () => {
    await using api = await startApi(server)
    await deployed(api, '1.4.2')
    await using _worker = await startPlanner(api, { server, only: one })
    const without = await checked(api)
    await schedule(api)
    const before = await checked(api)
    await holdAfter(0, api)
    const [after] = await checked(api)
    await lock(api.records)
    await holdAfter(16, api)
    const [locked] = await checked(api)

    expect(without).toEqual([])
    const begins = 'converges every 15m, in the name of admin-name; '
    expect(before).toEqual([{ name: 'converge', target, ok: true, detail: `${begins}first round in a few seconds` }])
    expect(after).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/; next round at .* UTC; last round at .* UTC: d-2 started, 1 behind 1\.4\.2/),
    })
    expect(locked).toMatchObject({ ok: true, detail: expect.stringContaining(': skipped: ') })
  })

  it('fails where a schedule does nothing until somebody acts, or no process holds its rounds', async () => {
    await using api = await startApi(server)
    await deployed(api, '1.4.2')
    await schedule(api)
    await using _worker = await startPlanner(api, { server, only: nothing })
    await holdAfter(-60, api)
    const [overdue] = await checked(api)
    await api.records.applications.put((await api.records.applications.read('payments'))!)
    await holdAfter(0, api)
    const [stopped] = await checked(api)

    expect(overdue).toMatchObject({ target, ok: false, hint: expect.stringContaining('overdue') })
    expect(stopped).toMatchObject({ target, ok: false, hint: expect.stringContaining('vesemir whoami') })
    expect(stopped!.detail).toContain('skipped: nobody is known to have registered payments')
  })
})

function tokensOf({ heldGrants }: TestApi['access']) {
  return Object.fromEntries(heldGrants.map(({ who, role }) => [who, { role, sha256: '0'.repeat(64) }]))
}

async function lock({ applicationLocks }: TestApi['records']): Promise<void> {
  await applicationLocks.put({ application: 'payments', environment: 'production', by: 'bob', reason: 'repair' })
}

/** A person cancels what the first round has started. */
async function cancelOne(api: TestApi): Promise<void> {
  await holdAfter(0, api)
  const claim = await claimStarted(api)
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web-2']) })
  await claim.end(cancelled)
}

/** Brings hosts up, where the last round has started that. */
async function endStarted(api: TestApi): Promise<void> {
  const { last } = await shown(api)
  if (!last?.deployment) return
  const claim = await claimStarted(api)
  await claim.append({ type: 'deployment.planned', plan: aPlan(['web-2']) })
  await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
}

/** A person cancels what the first round has started while it waits for its turn. */
async function cancelQueued(api: TestApi): Promise<void> {
  await holdAfter(0, api)
  const claim = await claimStarted(api)
  await claim.end(cancelled)
}

async function claimStarted(api: TestApi) {
  const { last } = await shown(api)
  return api.records.claims.claimDeployment(last!.deployment!, 'w1')
}

const cancelled = {
  type: 'deployment.ended',
  outcome: 'cancelled',
  failure: { code: 'DEPLOYMENT_CANCELLED', message: 'bob cancelled it' },
} as const
