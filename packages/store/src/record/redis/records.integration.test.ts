import type { DeploymentEvent, DeploymentView } from '@vesemir/contract'
import { applyEvent } from '@vesemir/core'
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { testSeals } from '../../seal/testing.ts'
import { createRecords, type Records, type RecordsOptions } from '../index.ts'
import { startAnswerThief } from './testing/start-answer-thief.ts'
import { aPlan, aServer, aSpec } from '@vesemir/contract/testing'
import { codeOf } from '@vesemir/testing/code-of'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const clock = createSystemClock()
const seals = testSeals().both

function open(options: Partial<RecordsOptions> = {}): Records {
  return createRecords(server.connect(), { clock, seals, prefix: randomUUID(), ...options })
}

async function create(records: Records, changes: Parameters<typeof aSpec>[0] = {}): Promise<string> {
  const { id } = await records.deployments.create({ spec: aSpec(changes), requestedBy: 'ada' })
  return id
}

/** A deployment that is planned for these hosts. */
async function plan(records: Records, hosts: readonly string[], changes: Parameters<typeof aSpec>[0] = {}) {
  const id = await create(records, changes)
  const claim = await records.claims.claimDeployment(id, 'w1')
  await claim.append({ type: 'deployment.planned', plan: aPlan(hosts) })
  return { id, claim }
}

async function readAll(records: Records, id: string): Promise<DeploymentEvent[]> {
  const { events } = await records.eventLog.read(id, { after: 0, limit: 100_000 })
  return events
}

/** What the events make of a deployment. */
function fold(events: readonly DeploymentEvent[]): DeploymentView {
  return events.reduce<DeploymentView | undefined>(applyEvent, undefined)!
}

describe('creating', () => {
  it('counts ids up and starts with an event that tells all', async () => {
    await using records = open()

    const first = await create(records)
    const second = await create(records)

    expect([first, second]).toEqual(['d-1', 'd-2'])
    expect(await readAll(records, first)).toEqual([
      { seq: 1, at: expect.any(String), type: 'deployment.queued', id: 'd-1', spec: aSpec(), requestedBy: 'ada' },
    ])
    expect(await records.deployments.read(first)).toMatchObject({ id: 'd-1', state: { status: 'queued' } })
    expect((await records.deploymentIndex.listActive()).toSorted()).toEqual(['d-1', 'd-2'])
  })

  it('leaves what people have written as it is, whatever it looks like', async () => {
    await using records = open()
    const reason = 'after d-? failed, %1'

    const id = await create(records, { reason })

    expect((await records.deployments.read(id))?.spec.reason).toBe(reason)
    expect(await readAll(records, id)).toMatchObject([{ id, spec: { reason } }])
  })

  it('makes one deployment of one idempotency key, however many send it at once', async () => {
    await using records = open()
    const order = { spec: aSpec(), requestedBy: 'ada', idempotency: { key: 'k', fingerprint: 'a' } }

    const answers = await Promise.all(Array.from({ length: 20 }, () => records.deployments.create(order)))

    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    expect(answers.filter(({ created }) => created)).toHaveLength(1)
    expect((await records.deploymentIndex.list({ limit: 50 })).deployments).toHaveLength(1)
  })

  it('refuses an idempotency key for another request, but not from another person', async () => {
    await using records = open()
    const order = { spec: aSpec(), requestedBy: 'ada', idempotency: { key: 'k', fingerprint: 'a' } }
    await records.deployments.create(order)

    const other = { ...order, idempotency: { key: 'k', fingerprint: 'b' } }

    await expect(records.deployments.create(other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(await records.deployments.create({ ...other, requestedBy: 'bob' })).toMatchObject({ created: true })
  })
})

describe('claims', () => {
  it('shut out whoever had the deployment or the host before, and no other host', async () => {
    await using records = open()
    const { id, claim: before } = await plan(records, ['a', 'b'])
    const hostBefore = await records.claims.claimHost(id, 'a', 'w1')
    const other = await records.claims.claimHost(id, 'b', 'w1')

    const claim = await records.claims.claimDeployment(id, 'w2')
    const host = await records.claims.claimHost(id, 'a', 'w2')

    const lost = { code: 'FENCE_LOST' }
    const step = { type: 'step.started', host: 'a', step: 'connect' } as const
    await expect(before.end({ type: 'deployment.ended', outcome: 'failed' })).rejects.toMatchObject(lost)
    await expect(hostBefore.append(step)).rejects.toMatchObject(lost)
    await expect(hostBefore.check()).rejects.toMatchObject(lost)
    void hostBefore.log('connect', { stream: 'stdout', text: 'late' })
    await expect(hostBefore.flush()).rejects.toMatchObject(lost)
    await host.append(step)
    await host.check()
    await other.append({ ...step, host: 'b' })
    expect([claim.attempt, host.attempt, other.attempt]).toEqual([2, 2, 1])
    expect(host.host).toMatchObject({ attempt: 2, state: { status: 'running', step: 'connect' } })
    const types = (await readAll(records, id)).map(({ type }) => type)
    expect(types).not.toContain('deployment.ended')
    expect(types).not.toContain('log.appended')
  })

  it('are noted with the first step of a host, and at once where a walk is taken over', async () => {
    await using records = open()
    const { id } = await plan(records, ['a'])
    const noted = async () => {
      const claims = (await readAll(records, id)).filter((event) => event.type === 'host.claimed')
      return claims.map(({ attempt, worker }) => [attempt, worker])
    }

    const first = await records.claims.claimHost(id, 'a', 'w1')
    const atFirst = { noted: await noted(), host: (await records.deployments.readHost(id, 'a'))! }
    await first.append({ type: 'step.started', host: 'a', step: 'connect' })
    const begun = await noted()
    await records.claims.claimHost(id, 'a', 'w2')

    expect(atFirst).toMatchObject({ noted: [], host: { attempt: 0, state: { status: 'pending' } } })
    expect(first.host.attempt).toBe(1)
    expect(begun).toEqual([[1, 'w1']])
    expect(await noted()).toEqual([
      [1, 'w1'],
      [2, 'w2'],
    ])
  })

  it('say which deployment or host there is not', async () => {
    await using records = open()
    const { id } = await plan(records, ['a'])

    await expect(records.claims.claimDeployment('d-9', 'w')).rejects.toMatchObject({ code: 'DEPLOYMENT_UNKNOWN' })
    await expect(records.claims.claimHost(id, 'z', 'w')).rejects.toThrow('host z not found in deployment d-1')
  })

  it('keep an ended deployment out of those that are active', async () => {
    await using records = open()
    const { id, claim } = await plan(records, ['a'])

    await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })

    expect(await records.deploymentIndex.listActive()).toEqual([])
    expect(await records.deployments.read(id)).toMatchObject({ state: { status: 'succeeded' } })
  })

  it('hold a plan of 5,000 hosts', async () => {
    await using records = open()
    const names = Array.from({ length: 5000 }, (_, index) => `host-${index}`)

    const { id, claim } = await plan(records, names)

    const { hosts, cursor } = await claim.readHosts()
    expect(hosts.map(({ target }) => target.name)).toEqual(names)
    expect(cursor).toBe(3)
    expect((await records.deployments.read(id))!.counts).toMatchObject({ pending: 5000, running: 0 })
  })
})

describe('superseding', () => {
  const superseded = async (records: Records, id: string) => (await records.deployments.read(id))!.supersededBy

  it('is noted once in every record before, from the plan on, and seen by all alike', async () => {
    await using records = open()
    const { id: first } = await plan(records, ['a'])
    const unplanned = await create(records)
    const { id: third, claim } = await plan(records, ['a'])
    const before = await superseded(records, first)

    await claim.supersede()
    await claim.supersede()

    expect(before).toBeUndefined()
    expect(await superseded(records, first)).toEqual({ id: third, version: '2.0.0' })
    expect(await superseded(records, unplanned)).toEqual({ id: third, version: '2.0.0' })
    expect(await superseded(records, third)).toBeUndefined()
    const events = await readAll(records, first)
    expect(events.filter(({ type }) => type === 'deployment.superseded')).toHaveLength(1)
    expect(await records.deployments.readView(first)).toEqual(fold(events))
    expect(await claim.readCurrent()).toEqual({ id: third, version: '2.0.0' })
  })

  it('does not bring an ended deployment back among those that are active', async () => {
    await using records = open()
    const { claim: first } = await plan(records, ['a'])
    await first.end({ type: 'deployment.ended', outcome: 'succeeded' })
    const { id, claim } = await plan(records, ['a'])

    await claim.supersede()

    expect(await records.deploymentIndex.listActive()).toEqual([id])
    expect(await records.turns.next({ application: 'payments', environment: 'production' })).toBe(id)
  })

  it('is not for a worker that stood still while another deployment came', async () => {
    await using records = open()
    const { id: first, claim: later } = await plan(records, ['a'])
    const { claim: stale } = await plan(records, ['a'])
    await later.append({ type: 'hosts.requeued', hosts: ['a'], intent: 'deploy', by: 'ada' })

    await stale.supersede()

    expect(await superseded(records, first)).toBeUndefined()
  })

  it('has commands refused, and says what came since', async () => {
    await using records = open()
    const { id: first, claim: claimed } = await plan(records, ['a'])
    await claimed.end({ type: 'deployment.ended', outcome: 'succeeded' })
    for (let more = 0; more < 2; more += 1) {
      const { claim } = await plan(records, ['a'])
      await claim.supersede()
      await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
    }

    const retry = records.commands.give(first, { command: { command: 'retry' }, by: 'ada' })

    await expect(retry).rejects.toMatchObject({
      code: 'DEPLOYMENT_SUPERSEDED',
      message: 'd-1 is superseded by d-3 (2.0.0). To undo that deployment: vesemir rollback d-3',
    })
    const forced = { command: 'rollback', force: true, reason: 'these alone' } as const
    expect(await records.commands.give(first, { command: forced, by: 'ada' })).toMatchObject({ changed: true })
  })
})

describe('appending', () => {
  it('keeps the output of tasks beside the record, in order, and takes none of a claim that is lost', async () => {
    await using records = open()
    const { id, claim } = await plan(records, ['h1'])
    await claim.append({ type: 'task.started', task: 'migrate', on: 'h1' })
    for (const text of ['one', 'two']) void claim.log('migrate', { stream: 'stdout', text })
    await claim.flush()

    const later = await records.claims.claimDeployment(id, 'w2')
    void claim.log('migrate', { stream: 'stdout', text: 'three' })

    await expect(claim.flush()).rejects.toMatchObject({ code: 'FENCE_LOST' })
    await expect(claim.check()).rejects.toMatchObject({ code: 'FENCE_LOST' })
    const events = await readAll(records, id)
    const lines = events.flatMap((event) => (event.type === 'task.logged' ? event.lines : []))
    expect(lines.map(({ text }) => text)).toEqual(['one', 'two'])
    expect(later.deployment.tasks).toMatchObject([{ task: 'migrate', status: 'running', on: 'h1' }])
    expect(fold(events).deployment.tasks).toEqual(later.deployment.tasks)
  })

  it('numbers the events of many writers without a gap, each writer’s in its order', async () => {
    await using records = open()
    await using elsewhere = open()
    const hosts = Array.from({ length: 20 }, (_, index) => `h${index}`)
    const { id } = await plan(records, hosts)
    void elsewhere

    await Promise.all(
      hosts.map(async (host) => {
        const claim = await records.claims.claimHost(id, host, 'w')
        for (let line = 0; line < 100; line += 1) {
          void claim.log('deploy', { stream: 'stdout', text: `${line}` })
          if (line % 10 === 9) await claim.append({ type: 'step.waiting', host, step: 'deploy', waitingFor: `${line}` })
        }
        await claim.flush()
      }),
    )

    const events = await readAll(records, id)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    const ofHost = events.filter((event) => 'host' in event && event.host === 'h7')
    const lines = ofHost.flatMap((event) => (event.type === 'log.appended' ? event.lines.map(({ text }) => text) : []))
    expect(lines).toEqual(Array.from({ length: 100 }, (_, line) => `${line}`))
    // A fact comes after the lines that were logged before it.
    const firstWait = ofHost.findIndex(({ type }) => type === 'step.waiting')
    expect(
      ofHost.slice(0, firstWait).flatMap((event) => (event.type === 'log.appended' ? event.lines : [])),
    ).toHaveLength(10)
  })

  it('writes later what was to be written with a fact that Redis refused, and nothing of that', async () => {
    await using records = open()
    const { id } = await plan(records, ['a'])
    await using host = await records.claims.claimHost(id, 'a', 'w')
    const admin = server.connect()

    host.defer({ type: 'release.introduced', host: 'a', release: '1.1.0' })
    await admin.config('SET', 'maxmemory', 1)
    const refused = await host.append({ type: 'step.started', host: 'a', step: 'restart' }).catch(String)
    await admin.config('SET', 'maxmemory', 0)
    expect(refused).toContain('OOM command not allowed')
    await host.append({ type: 'step.started', host: 'a', step: 'verify' })

    const events = await readAll(records, id)
    expect(events.slice(-3).map(({ type }) => type)).toEqual(['host.claimed', 'release.introduced', 'step.started'])
    const view = (await records.deployments.readView(id))!
    expect(view).toEqual(fold(events))
    expect(view.hosts[0]).toMatchObject({ attempt: 1, release: { id: '1.1.0' }, steps: [{ step: 'verify' }] })
    expect(view.deployment.counts).toMatchObject({ pending: 0, running: 1 })
  })

  it('counts an append once that is sent again since its answer was lost', async () => {
    const redis = server.connect()
    const prefix = randomUUID()
    await using records = createRecords(redis, { clock, seals, prefix })
    const { id } = await plan(records, ['a'])
    const host = await records.claims.claimHost(id, 'a', 'w')
    const saboteur = server.connect()
    const running = await redis.client('ID')

    // The connection is cut with the answer: ioredis connects again and sends the command again.
    const cut = saboteur.multi().client('PAUSE', 1).client('KILL', 'ID', running).exec()
    await Promise.all([host.append({ type: 'step.started', host: 'a', step: 'connect' }), cut])

    const view = (await records.deployments.readView(id))!
    expect(view.deployment.counts).toMatchObject({ pending: 0, running: 1 })
  })

  it('keeps an append whose answer was lost where Redis refuses to have it again', async () => {
    await using thief = await startAnswerThief(Number(new URL(server.url).port))
    const admin = server.connect()
    await using records = createRecords(thief.redis, { clock, seals, prefix: randomUUID() })
    const { id } = await plan(records, ['a'])
    await using host = await records.claims.claimHost(id, 'a', 'w')

    host.defer({ type: 'release.introduced', host: 'a', release: '1.1.0' })
    thief.steal(() => admin.config('SET', 'maxmemory', 1))
    await host.append({ type: 'step.started', host: 'a', step: 'restart' })
    await admin.config('SET', 'maxmemory', 0)
    await host.append({ type: 'step.ended', host: 'a', step: 'restart', outcome: 'succeeded', durationMs: 1 })

    const events = await readAll(records, id)
    expect(events.slice(-4).map(({ type }) => type)).toEqual([
      'host.claimed',
      'release.introduced',
      'step.started',
      'step.ended',
    ])
    expect(await records.deployments.readView(id)).toEqual(fold(events))
    // The attempt that follows reads the whole record, and finds every link.
    await records.claims.claimHost(id, 'a', 'w2')
  })

  it('is left to the next attempt where it cannot be told whether Redis has the append that it refused', async () => {
    await using thief = await startAnswerThief(Number(new URL(server.url).port))
    const admin = server.connect()
    await using records = createRecords(thief.redis, { clock, seals, prefix: randomUUID() })
    const { id } = await plan(records, ['a'])
    await using host = await records.claims.claimHost(id, 'a', 'w')

    await admin.acl('SETUSER', 'default', '-hget')
    thief.steal(() => admin.config('SET', 'maxmemory', 1))
    const refused = await host.append({ type: 'step.started', host: 'a', step: 'connect' }).catch(String)
    await admin.config('SET', 'maxmemory', 0)
    await admin.acl('SETUSER', 'default', '+hget')
    const next = await codeOf(host.append({ type: 'step.started', host: 'a', step: 'guard' }))

    expect([refused, next]).toEqual([expect.stringContaining('OOM command not allowed'), 'FENCE_LOST'])
    const { host: kept } = await records.claims.claimHost(id, 'a', 'w2')
    expect(kept.state).toMatchObject({ status: 'running', step: 'connect' })
  })

  it('has ended a host though Redis refuses to note how long that took', async () => {
    await using records = open()
    const { id } = await plan(records, ['a'])
    await using host = await records.claims.claimHost(id, 'a', 'w')
    await host.append({ type: 'step.started', host: 'a', step: 'connect' })
    const redis = server.connect()

    await redis.acl('SETUSER', 'default', '-lpush')
    await host.append({ type: 'host.ended', host: 'a', outcome: 'succeeded', traffic: 'restored' })
    await redis.acl('SETUSER', 'default', '+lpush')

    expect(host.host.state.status).toBe('succeeded')
  })

  it('says which log lines were trimmed, and keeps every other event', async () => {
    await using records = open({ logEntries: 100 })
    const { id } = await plan(records, ['a'])
    const host = await records.claims.claimHost(id, 'a', 'w')
    for (let entry = 0; entry < 500; entry += 1) {
      void host.log('deploy', { stream: 'stdout', text: `${entry}` })
      await host.flush()
      if (entry % 50 === 0)
        await host.append({ type: 'step.waiting', host: 'a', step: 'deploy', waitingFor: `${entry}` })
    }

    const { events, trimmed, next } = await records.eventLog.read(id, { after: 0, limit: 5000 })

    const told = trimmed.reduce((sum, { from, to }) => sum + to - from + 1, 0)
    expect(told).toBeGreaterThan(200)
    expect(events.length + told).toBe(next)
    expect(events.filter(({ type }) => type === 'step.waiting')).toHaveLength(10)
  })

  it('gives the same in pages of any size', async () => {
    await using records = open()
    const { id } = await plan(records, ['a'])
    const host = await records.claims.claimHost(id, 'a', 'w')
    for (let entry = 0; entry < 30; entry += 1) {
      void host.log('deploy', { stream: 'stdout', text: `${entry}` })
      if (entry % 3 === 0)
        await host.append({ type: 'step.waiting', host: 'a', step: 'deploy', waitingFor: `${entry}` })
    }
    await host.flush()
    const whole = await readAll(records, id)

    for (const limit of [1, 2, 7, 1000]) {
      const paged: DeploymentEvent[] = []
      for (let after = 0; ;) {
        const page = await records.eventLog.read(id, { after, limit })
        expect(page.trimmed).toEqual([])
        paged.push(...page.events)
        if (page.next === after) break
        after = page.next
      }
      expect(paged).toEqual(whole)
    }
  })

  it('refuses a cursor that is yet to come, and an unknown deployment', async () => {
    await using records = open()
    const id = await create(records)

    await expect(records.eventLog.read(id, { after: 2, limit: 10 })).rejects.toThrow(
      'after: 2 is past the last event, 1',
    )
    await expect(records.eventLog.read('d-9', { after: 0, limit: 1 })).rejects.toMatchObject({
      code: 'DEPLOYMENT_UNKNOWN',
    })
  })
})

describe('a view', () => {
  it('is what the events make of it, at every moment', async () => {
    await using records = open()
    const { id, claim } = await plan(records, ['a', 'b', 'c'])
    const a = await records.claims.claimHost(id, 'a', 'w')
    const b = await records.claims.claimHost(id, 'b', 'w')
    const started = (host: string, step: 'connect' | 'drain' | 'deploy') => ({
      type: 'step.started' as const,
      host,
      step,
    })
    const acts = [
      () => a.append(started('a', 'connect')),
      () => b.append(started('b', 'drain')),
      () =>
        a.append({ type: 'step.ended', host: 'a', step: 'connect', outcome: 'succeeded', durationMs: 5, note: 'n' }),
      () => a.append({ type: 'servers.snapshotted', host: 'a', servers: [aServer('a')], leftOut: false }),
      () => a.append({ type: 'servers.seen', host: 'a', servers: [{ ...aServer('a'), admin: 'drain' }] }),
      async () => a.defer({ type: 'step.ended', host: 'a', step: 'guard', outcome: 'succeeded', durationMs: 5 }),
      () => a.append(started('a', 'drain')),
      () => b.append({ type: 'release.introduced', host: 'b', release: '2.0.0', previous: '1.0.0' }),
      () => b.append({ type: 'step.waiting', host: 'b', step: 'drain', waitingFor: '3 sessions' }),
      () => a.append({ type: 'host.ended', host: 'a', outcome: 'succeeded', traffic: 'restored' }),
      () => b.append({ type: 'host.ended', host: 'b', outcome: 'failed', traffic: 'drained' }),
      () => records.claims.claimHost(id, 'c', 'w2'),
      () => claim.end({ type: 'deployment.ended', outcome: 'failed' }),
    ]

    for (const act of acts) {
      await act()
      const folded = fold(await readAll(records, id))
      expect(await records.deployments.readView(id)).toEqual(folded)
      expect(await records.deployments.read(id)).toEqual(folded.deployment)
    }
  })

  it('has no hosts before they are planned, and the commands that are not carried out', async () => {
    await using records = open()
    const id = await create(records)
    const queued = (await records.deployments.readView(id))!
    const claim = await records.claims.claimDeployment(id, 'w1')
    await records.commands.give(id, { command: { command: 'pause' }, by: 'ada' })

    const commanded = (await records.deployments.readView(id))!
    await claim.readHosts()
    await claim.append({ type: 'deployment.paused', by: 'ada', follows: commanded.cursor })
    const paused = (await records.deployments.readView(id))!

    expect(queued).toMatchObject({ deployment: { state: { status: 'queued' }, commands: [] }, hosts: [], cursor: 1 })
    expect(commanded.deployment.commands).toMatchObject([
      { command: { command: 'pause' }, by: 'ada', seq: commanded.cursor },
    ])
    expect(paused.deployment).toMatchObject({ state: { status: 'paused' }, commands: [] })
    expect(paused).toEqual(fold(await readAll(records, id)))
  })

  it('is of one moment, whatever happens while it is read', async () => {
    await using records = open()
    const id = await create(records)
    const claim = await records.claims.claimDeployment(id, 'w1')
    // On one connection: the reading's first command comes before the act, what it asks after that behind it.
    const readDuring = async (act: () => Promise<unknown>) => {
      const [view] = await Promise.all([records.deployments.readView(id), act()])
      return view
    }

    const planned = await readDuring(() => claim.append({ type: 'deployment.planned', plan: aPlan(['a', 'b']) }))
    const host = await records.claims.claimHost(id, 'a', 'w1')
    const started = await readDuring(() => host.append({ type: 'step.started', host: 'a', step: 'connect' }))
    const ended = await readDuring(() => claim.end({ type: 'deployment.ended', outcome: 'cancelled' }))
    const events = await readAll(records, id)
    const last = (await records.deployments.readView(id))!
    const whileRemoved: (DeploymentView | undefined)[] = []
    let isRemoved = false
    const removing = records.deployments.remove(last).then(() => (isRemoved = true))
    while (!isRemoved) whileRemoved.push(await records.deployments.readView(id))
    await removing

    for (const view of [planned, started, ended]) expect(view).toEqual(fold(events.slice(0, view!.cursor)))
    expect(whileRemoved.filter((view) => view !== undefined && !isDeepStrictEqual(view, last))).toEqual([])
    expect(await records.deployments.readView(id)).toBeUndefined()
  })

  it('is as JSON, byte for byte, what its objects are', async () => {
    await using records = open()
    const names = Array.from({ length: 9000 }, (_, index) => `host-${index}`)
    const { id } = await plan(records, names)
    const host = await records.claims.claimHost(id, 'host-7', 'w')
    await host.append({ type: 'step.started', host: 'host-7', step: 'drain' })
    await host.append({ type: 'step.waiting', host: 'host-7', step: 'drain', waitingFor: '3 sessions, "schön" – 👍' })

    const json = (await records.deployments.readViewJson(id))!

    const view = fold(await readAll(records, id))
    expect(view.hosts.map(({ target }) => target.name)).toEqual(names)
    expect(JSON.parse(json.toString())).toEqual(view)
    expect(json.toString()).toBe(JSON.stringify(await records.deployments.readView(id)))
  })

  it('is nothing where there is no such deployment', async () => {
    await using records = open()

    expect(await records.deployments.readView('d-1')).toBeUndefined()
    expect(await records.deployments.readViewJson('d-1')).toBeUndefined()
    expect(await records.deployments.read('d-1')).toBeUndefined()
  })
})

describe('the start of a task', () => {
  const started = { type: 'task.started', task: 'migrate' } as const

  it('is written again where a fail-over has lost it, and once where not', async () => {
    const prefix = randomUUID()
    const redis = server.connect()
    await using records = open({ prefix, writes: { write: async (run) => void (await run(redis)) } })
    const { id, claim } = await plan(records, ['a'])
    const keys = await redis.keys(`${prefix}:*${id}*`)
    const before = await Promise.all(keys.map(async (key) => [key, await redis.dumpBuffer(key)] as const))
    await claim.append(started)
    for (const [key, dump] of before) await redis.restore(key, 0, dump!, 'REPLACE')

    const changes = async () => Number(/rdb_changes_since_last_save:(\d+)/.exec(await redis.info('persistence'))![1])
    await claim.confirm()
    const atFirst = await changes()
    await claim.confirm()
    // Replicas can be waited for only by who has written.
    expect(await changes()).toBeGreaterThan(atFirst)
    await claim.append({ type: 'task.ended', task: 'migrate', outcome: 'succeeded', durationMs: 1 })

    const types = (await readAll(records, id)).map(({ type }) => type)
    expect(types.slice(-3)).toEqual(['deployment.planned', 'task.started', 'task.ended'])
    // The attempt that follows reads the whole record, and finds nothing missing.
    await records.claims.claimDeployment(id, 'w2')
  })

  it('is not confirmed to a worker whose deployment another has taken over', async () => {
    await using records = open({ writes: { write: async (run) => void (await run(server.connect())) } })
    const { id, claim } = await plan(records, ['a'])
    await claim.append(started)
    await records.claims.claimDeployment(id, 'w2')

    await expect(claim.confirm()).rejects.toMatchObject({ code: 'FENCE_LOST' })
  })
})

describe('waitForChanges', () => {
  it('waits for hosts to end, and gives each once', async () => {
    await using records = open()
    const { id, claim } = await plan(records, ['a', 'b', 'c'])
    const { cursor } = await claim.readHosts()
    const end = async (name: string) => {
      const host = await records.claims.claimHost(id, name, 'w')
      void host.log('deploy', { stream: 'stdout', text: 'x' })
      await host.append({ type: 'host.ended', host: name, outcome: 'succeeded', traffic: 'restored' })
    }
    await end('a')

    const first = await claim.waitForChanges(cursor, { timeoutMs: 5000 })
    const waiting = claim.waitForChanges(first.cursor, { timeoutMs: 5000 })
    await end('b')
    const second = await waiting
    const none = await claim.waitForChanges(second.cursor, { timeoutMs: 1 })

    expect(first.ended).toEqual([{ host: 'a', outcome: 'succeeded', traffic: 'restored' }])
    expect(second.ended).toEqual([{ host: 'b', outcome: 'succeeded', traffic: 'restored' }])
    expect(none).toEqual({ ended: [], cursor: second.cursor, commanded: false })
  })

  it('says that there is none only after all that is there, however late', async () => {
    await using records = open()
    const { id, claim } = await plan(records, ['a'])
    const { cursor } = await claim.readHosts()
    const host = await records.claims.claimHost(id, 'a', 'w')
    const manyPages = Array.from({ length: 1200 }, (_, index) =>
      host.append({ type: 'step.waiting', host: 'a', step: 'drain', waitingFor: `${index} sessions` }),
    )
    await Promise.all(manyPages)
    await host.append({ type: 'host.ended', host: 'a', outcome: 'succeeded', traffic: 'restored' })

    const { ended } = await claim.waitForChanges(cursor, { timeoutMs: 0 })

    expect(ended).toEqual([{ host: 'a', outcome: 'succeeded', traffic: 'restored' }])
  })

  it('goes back to the last event where Redis has lost those that were read, and looks for commands', async () => {
    await using records = open()
    const { id, claim } = await plan(records, ['a'])
    const { cursor } = await claim.readHosts()
    await records.commands.give(id, { command: { command: 'pause' }, by: 'ada' })

    const news = await claim.waitForChanges(cursor + 100, { timeoutMs: 0 })

    expect(news).toEqual({ ended: [], commanded: true, cursor: cursor + 1 })
    expect(claim.deployment.commands).toMatchObject([{ command: { command: 'pause' } }])
  })

  it('ends with the signal’s reason', async () => {
    await using records = open()
    const { claim } = await plan(records, ['a'])
    const controller = new AbortController()

    const waiting = claim.waitForChanges(3, { timeoutMs: 60_000, signal: controller.signal })
    controller.abort(new Error('enough'))

    await expect(waiting).rejects.toThrow('enough')
  })
})

describe('listing', () => {
  it('filters by every field and pages without a repeat, newest first', async () => {
    await using records = open()
    for (let number = 1; number <= 30; number += 1)
      await create(records, {
        application: number % 2 ? 'odd' : 'even',
        environment: number % 3 ? 'production' : 'staging',
        team: number % 5 ? 'core' : 'edge',
      })
    const claim = await records.claims.claimDeployment('d-6', 'w')
    await claim.end({ type: 'deployment.ended', outcome: 'cancelled' })
    const list = async (filter: Partial<Parameters<Records['deploymentIndex']['list']>[0]>) =>
      (await records.deploymentIndex.list({ limit: 200, ...filter })).deployments.map(({ id }) => Number(id.slice(2)))

    const numbers = Array.from({ length: 30 }, (_, index) => 30 - index)
    expect(await list({})).toEqual(numbers)
    expect(await list({ application: 'odd' })).toEqual(numbers.filter((n) => n % 2))
    expect(await list({ application: 'even', environment: 'staging', team: 'edge' })).toEqual([30])
    expect(await list({ status: 'cancelled' })).toEqual([6])
    expect(await list({ application: 'odd', status: 'cancelled' })).toEqual([])
    expect(await list({ application: 'none' })).toEqual([])
    const paged: string[] = []
    for (let before: string | undefined; ;) {
      const page = await records.deploymentIndex.list({ application: 'odd', limit: 4, before })
      paged.push(...page.deployments.map(({ id }) => id))
      before = page.next
      if (!before) break
    }
    expect(paged).toEqual(numbers.filter((n) => n % 2).map((n) => `d-${n}`))
  })
})

describe('applications', () => {
  it('are registered, replaced, and listed by name', async () => {
    await using records = open()
    await records.applications.put({ name: 'web', team: 'a' })
    expect(await records.applications.read('web')).toEqual({ name: 'web', team: 'a' })
    await records.applications.put({ name: 'api' })
    await records.applications.put({ name: 'web', team: 'b' })

    expect(await records.applications.read('web')).toEqual({ name: 'web', team: 'b' })
    expect(await records.applications.read('none')).toBeUndefined()
    expect(await records.applications.read('web')).toBe(await records.applications.read('web'))
    expect(await records.applications.list()).toEqual([{ name: 'api' }, { name: 'web', team: 'b' }])
  })
})

describe('the end of a deployment', () => {
  it('leaves hosts that were yet to be walked again as their last walk left them', async () => {
    await using records = open()
    const { id } = await plan(records, ['a', 'b', 'c'])
    await walk(records, { id, host: 'a', release: '2.0.0', outcome: 'succeeded' })
    await walk(records, { id, host: 'b', release: '2.0.0', outcome: 'failed' })
    const claim = await records.claims.claimDeployment(id, 'w')
    const before = await records.deployments.readView(id)
    await claim.append({ type: 'hosts.requeued', hosts: ['a', 'b'], intent: 'rollback', by: 'ada' })
    const requeued = await records.deployments.readView(id)

    await claim.end({ type: 'deployment.ended', outcome: 'cancelled' })

    const view = (await records.deployments.readView(id))!
    expect(requeued!.deployment.counts).toMatchObject({ pending: 3, succeeded: 0, failed: 0 })
    expect(view.hosts.map(({ state, intent }) => ({ state, intent }))).toEqual(
      before!.hosts.map(({ state, intent }) => ({ state, intent })),
    )
    expect(view.deployment.counts).toEqual(before!.deployment.counts)
    expect(fold(await readAll(records, id))).toEqual(view)
  })
})

describe('releases', () => {
  it('are kept by host across deployments, and tell those that should run another', async () => {
    await using records = open()
    const { id: first } = await plan(records, ['a', 'b'])
    await walk(records, { id: first, host: 'a', release: '1.0.0', outcome: 'succeeded' })
    const claim = await records.claims.claimDeployment(first, 'w')
    await claim.end({ type: 'deployment.ended', outcome: 'succeeded' })
    await walk(records, { id: first, host: 'b', release: '0.9.0', outcome: 'failed' })

    const hosts = await records.hostHistory.list('payments')

    expect(hosts).toMatchObject([
      { host: 'a', runs: { release: '1.0.0', deployment: first }, traffic: 'restored' },
      { host: 'b', runs: { release: '0.9.0', deployment: first }, traffic: 'drained' },
    ])
    expect(hosts.map(({ drift }) => drift)).toEqual([
      `expected 2.0.0, deployed by ${first}`,
      `expected 2.0.0, deployed by ${first}`,
    ])
    expect(await records.hostHistory.list('payments', { environment: 'staging' })).toEqual([])
  })

  it('stand beside the hosts of the inventory, and those of hosts that have left it can be forgotten', async () => {
    await using records = open()
    const { id } = await plan(records, ['a', 'b'])
    await walk(records, { id, host: 'a', release: '1.0.0', outcome: 'succeeded' })
    await walk(records, { id, host: 'b', release: '1.0.0', outcome: 'succeeded' })
    const production = { application: 'payments', environment: 'production' }
    const inventory = new Map([['production', new Set(['b', 'c'])]])
    const list = async () =>
      (await records.hostHistory.list('payments', { inventory })).map(({ host, inInventory, runs }) => [
        host,
        inInventory,
        runs?.version,
      ])

    const before = await list()
    const forgotten = [
      await records.hostHistory.forget(production, 'a'),
      await records.hostHistory.forget(production, 'a'),
    ]

    expect(before).toEqual([
      ['a', false, '2.0.0'],
      ['b', true, '2.0.0'],
      ['c', true, undefined],
    ])
    expect(forgotten).toEqual([true, false])
    expect(await list()).toEqual(before.slice(1))
  })

  it('a host may run what a changeset began to put there, until the host says what it runs', async () => {
    await using records = open()
    const { id: first } = await plan(records, ['a'], { version: '1.0.0' })
    await walk(records, { id: first, host: 'a', release: '1.0.0', outcome: 'succeeded' })
    const { id, claim: claimed } = await plan(records, ['a', 'b'])
    const list = async () => (await records.hostHistory.list('payments')).map(({ host, mayRun }) => [host, mayRun])
    const begin = async (host: string) => {
      await using claim = await records.claims.claimHost(id, host, 'w')
      await claim.append({ type: 'step.started', host, step: 'deploy' })
      // Is written with what comes next, which a worker that is killed never does.
      claim.defer({ type: 'release.introduced', host, release: '2.0.0' })
    }

    await begin('a')
    await begin('b')

    const begun = { release: '2.0.0', version: '2.0.0', deployment: id, at: expect.any(String) as string }
    expect(await list()).toEqual([
      ['a', begun],
      ['b', begun],
    ])
    expect((await records.hostHistory.listInUse('payments')).toSorted()).toEqual([first, id].toSorted())
    expect(await claimed.readReleases()).toEqual(new Map([['a', { version: '1.0.0 or 2.0.0', id: undefined }]]))
    await using claim = await records.claims.claimHost(id, 'a', 'w')
    await claim.append({ type: 'release.seen', host: 'a', release: '1.0.0' })
    expect(await records.hostHistory.forget({ application: 'payments', environment: 'production' }, 'b')).toBe(true)
    expect(await list()).toEqual([['a', undefined]])
    expect(await records.hostHistory.listInUse('payments')).toEqual([first])
  })
})

async function walk(
  records: Records,
  { id, host, release, outcome }: { id: string; host: string; release: string; outcome: 'succeeded' | 'failed' },
) {
  await using claim = await records.claims.claimHost(id, host, 'w')
  await claim.append({ type: 'release.introduced', host, release })
  const traffic = outcome === 'succeeded' ? 'restored' : 'drained'
  await claim.append({ type: 'host.ended', host, outcome, traffic })
}
