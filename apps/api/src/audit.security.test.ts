import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aPlan } from '@vesemir/contract/testing'
import type { AuditPage, AuditVerification, Grant } from '@vesemir/contract'
import { createLog } from '@vesemir/process/log'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAuditSink } from './audit-sink.ts'
import { anApplication } from './testing/start-api.ts'
import { startTwoTeams, tokenFor, type TwoTeams } from './testing/two-teams.ts'

const people = {
  chief: [{ role: 'admin' }],
  dora: [{ role: 'deployer', teams: ['core'] }],
  vera: [{ role: 'viewer', teams: ['fin'] }],
} satisfies Record<string, Grant[]>

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

function ask(api: TwoTeams, who: string, method: Method, url: string, payload?: object) {
  const headers = { authorization: `Bearer ${tokenFor(who)}` }
  return api.app.inject({ method, url, headers, remoteAddress: '10.1.2.3', ...(payload ? { payload } : {}) })
}

async function entriesOf(api: TwoTeams, who = 'chief', query = '') {
  return (await ask(api, who, 'GET', `/v1/audit${query}`)).json<AuditPage>().entries.toReversed()
}

it('keeps who did what, from where, by which grant, with what outcome, and what was so before', async () => {
  await using api = await startTwoTeams(server, { people })
  const lock = '/v1/locks/payments/production'

  await ask(api, 'dora', 'PUT', lock, { reason: 'incident' })
  await ask(api, 'dora', 'DELETE', lock)
  await ask(api, 'dora', 'DELETE', '/v1/locks/ledger/production')
  await ask(api, 'dora', 'POST', `/v1/deployments/${api.core.deploymentId}/commands`, { command: 'pause' })
  await ask(api, 'chief', 'PUT', '/v1/applications/payments', anApplication({ team: 'core', concurrency: 3 }))

  const dora = { who: 'dora', address: '10.1.2.3', outcome: 'succeeded', grant: people.dora[0] }
  const subject = { application: 'payments', team: 'core', environment: 'production' }
  expect(await entriesOf(api)).toMatchObject([
    { ...dora, action: 'putLock', subject, before: null, after: { reason: 'incident' } },
    { ...dora, action: 'deleteLock', before: { by: 'dora', reason: 'incident' } },
    { who: 'dora', action: 'deleteLock', outcome: 'refused', code: 'APPLICATION_UNKNOWN' },
    {
      ...dora,
      action: 'commandDeployment',
      subject: { ...subject, deployment: api.core.deploymentId },
      before: 'running',
      after: { command: 'pause' },
    },
    { who: 'chief', action: 'putApplication', after: { concurrency: 3 }, grant: { role: 'admin' } },
  ])
})

it('keeps sign-ins, good and bad, and tokens, and none of their secrets', async () => {
  await using api = await startTwoTeams(server, { people })
  const signIn = (token: string) => api.app.inject({ method: 'POST', url: '/v1/session', payload: { token } })

  await signIn('hunter2-hunter2-hunter2')
  await signIn(tokenFor('dora'))
  const grants = [{ role: 'viewer', teams: ['core'] }]
  const created = (await ask(api, 'dora', 'POST', '/v1/tokens', { name: 'ci', grants })).json<Record<string, string>>()
  await ask(api, 'dora', 'DELETE', `/v1/tokens/${created['id']}`)

  const entries = await entriesOf(api)
  expect(entries).toMatchObject([
    { who: '', action: 'createSession', outcome: 'refused', code: 'UNAUTHENTICATED' },
    { who: 'dora', action: 'createSession', outcome: 'succeeded' },
    { who: 'dora', action: 'createToken', after: { name: 'ci' } },
    { who: 'dora', action: 'revokeToken', before: { name: 'ci' } },
  ])
  for (const secret of ['hunter2', tokenFor('dora'), created['token']!])
    expect(JSON.stringify(entries)).not.toContain(secret)
})

it('shows others what they may read alone, and lets only an admin of everything verify it', async () => {
  await using api = await startTwoTeams(server, { people })
  await ask(api, 'chief', 'PUT', '/v1/locks/ledger/production', { reason: 'stocktaking' })
  await ask(api, 'dora', 'PUT', '/v1/locks/payments/production', { reason: 'incident' })

  expect((await entriesOf(api, 'vera')).map(({ who }) => who)).toEqual(['chief'])
  expect((await entriesOf(api, 'dora')).map(({ who }) => who)).toEqual(['dora'])
  expect(await entriesOf(api, 'chief', '?who=dora&application=payments')).toHaveLength(1)
  expect(await entriesOf(api, 'chief', '?action=putLock&until=2999-01-01T00:00:00.000Z')).toHaveLength(2)
  expect(await entriesOf(api, 'chief', '?until=2000-01-01T00:00:00.000Z')).toEqual([])
  expect(await entriesOf(api, 'chief', '?action=deleteLock')).toEqual([])
  expect(await entriesOf(api, 'chief', '?since=2999-01-01T00:00:00.000Z')).toEqual([])
  expect((await ask(api, 'dora', 'GET', '/v1/audit/verification')).statusCode).toBe(403)
  const whole = (await ask(api, 'chief', 'GET', '/v1/audit/verification')).json<AuditVerification>()
  expect(whole).toMatchObject({ entries: 2, problems: [] })
})

it('has a retry in the queue dashboard be a command of the person, and records what else is done there', async () => {
  await using api = await startTwoTeams(server, { people })
  const { deploymentId: id } = api.core
  const claim = await api.records.claims.claimDeployment(id, 'w1')
  const failure = { code: 'HOSTS_FAILED', message: 'hosts: 1 failed' }
  await claim.end({ type: 'deployment.ended', outcome: 'failed', failure })
  await api.queues.enqueueDeployment((await api.records.deployments.read(id))!)
  const queue = api.queues.all.find(({ name }) => name === 'deployments-eu')!
  const [job] = await queue.getJobs()

  const retried = await ask(api, 'chief', 'PUT', `/queues/api/queues/${queue.name}/${job!.id}/retry`)
  await ask(api, 'chief', 'PUT', `/queues/api/queues/${queue.name}/pause`)
  const refused = await ask(api, 'dora', 'PUT', `/queues/api/queues/${queue.name}/pause`)

  expect([retried.statusCode, refused.statusCode]).toEqual([204, 404])
  expect((await api.records.deployments.read(id))!.commands).toMatchObject([
    { by: 'chief', command: { command: 'retry' } },
  ])
  expect(await entriesOf(api)).toMatchObject([
    {
      who: 'chief',
      action: 'queue:retry',
      outcome: 'succeeded',
      subject: { deployment: id },
      after: { command: 'retry' },
    },
    { who: 'chief', action: 'queue:pause', outcome: 'succeeded' },
    { who: 'dora', action: 'queue:pause', outcome: 'refused' },
  ])
})

it('has "Retry all" be one command of the person for each job, refused where the record refuses it, and for admins of everything', async () => {
  await using api = await startTwoTeams(server, { people })
  const failure = { code: 'HOSTS_FAILED', message: 'hosts: 1 failed' }
  const ids = [api.core.deploymentId, api.fin.deploymentId]
  for (const id of ids) {
    const claim = await api.records.claims.claimDeployment(id, 'w1')
    await claim.end({ type: 'deployment.ended', outcome: 'failed', failure })
    await api.queues.enqueueDeployment((await api.records.deployments.read(id))!)
  }
  const { spec } = (await api.records.deployments.read(api.fin.deploymentId))!
  const newer = await api.records.deployments.create({ spec, requestedBy: 'chief' })
  const claim = await api.records.claims.claimDeployment(newer.id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(['ledger-1']) })
  await claim.supersede()
  const all = '/queues/api/queues/deployments-eu/retry/waiting'

  const refused = await ask(api, 'dora', 'PUT', all)
  await ask(api, 'chief', 'PUT', all)

  const commandsOf = async (id: string) => (await api.records.deployments.read(id))!.commands
  expect(refused.statusCode).toBe(404)
  expect(await commandsOf(api.core.deploymentId)).toMatchObject([{ by: 'chief', command: { command: 'retry' } }])
  expect(await commandsOf(api.fin.deploymentId)).toEqual([])
  const entries = await entriesOf(api)
  expect(entries.filter(({ action }) => action === 'queue:retry')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        who: 'chief',
        outcome: 'succeeded',
        subject: expect.objectContaining({ application: 'payments', deployment: api.core.deploymentId }),
      }),
      expect.objectContaining({
        who: 'chief',
        outcome: 'refused',
        code: 'DEPLOYMENT_SUPERSEDED',
        subject: expect.objectContaining({ application: 'ledger', deployment: api.fin.deploymentId }),
      }),
    ]),
  )
  expect(entries.filter(({ action }) => action === 'queue:retry-all').map(({ who }) => who)).toEqual(['dora', 'chief'])
})

it('writes each entry to a file as it happens', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'vesemir-audit-')), 'audit.jsonl')
  using auditSink = createAuditSink({ file }, createLog({ level: 'silent' }))
  await using api = await startTwoTeams(server, { people, auditSink })

  await ask(api, 'dora', 'PUT', '/v1/locks/payments/production', { reason: 'incident' })

  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(await entriesOf(api))
})

it('sends each entry to syslog as it happens', async () => {
  const receiver = createSocket('udp4')
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const message = once(receiver, 'message') as Promise<[Buffer]>
  using auditSink = createAuditSink(
    { syslog: `udp://127.0.0.1:${receiver.address().port}` },
    createLog({ level: 'silent' }),
  )
  await using api = await startTwoTeams(server, { people, auditSink })

  await ask(api, 'dora', 'DELETE', '/v1/locks/ledger/production')

  const [text] = await message
  receiver.close()
  expect(text.toString()).toMatch(/^<108>1 \d{4}-\d\d-\d\dT\S+ \S+ vesemir \d+ audit - \{.*"outcome":"refused"/)
})
