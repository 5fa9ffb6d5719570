import { createHash } from 'node:crypto'
import { createClient } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { anApplication, bearer, startApi, tokenOf, type TestApi } from './testing/start-api.ts'
import { startStory, step } from './testing/story.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const aLock = { application: 'payments', environment: 'production', reason: 'audit', by: 'ada' }

it('an answer is waited for until it is another', async () => {
  await using api = await startApi(server)
  const client = createClient({ url: api.url, token: tokenOf('viewer') })

  const noLocks = await client.listLocks()
  const locked = client.listLocks({ unlike: noLocks })
  await api.records.applicationLocks.put(aLock)
  expect((await locked).locks).toMatchObject([aLock])

  const none = await client.listApplications()
  const registered = client.listApplications({ unlike: none })
  await api.records.applications.put(anApplication())
  expect((await registered).applications).toMatchObject([{ name: 'payments' }])

  const empty = await client.listDeployments()
  const created = client.listDeployments({}, { unlike: empty })
  const { web1, deployment, id } = await startStory(api)
  const one = await created
  expect(one.deployments).toMatchObject([{ id }])

  const cancelled = client.listDeployments(
    { status: 'cancelled' },
    { unlike: await client.listDeployments({ status: 'cancelled' }) },
  )
  await step(web1)
  await deployment.end({ type: 'deployment.ended', outcome: 'cancelled' })
  expect((await cancelled).deployments).toMatchObject([{ id }])
})

it('the overview is waited for too, whose readings are shared and may be older than a change', async () => {
  await using api = await startApi(server)
  const client = createClient({ url: api.url, token: tokenOf('viewer') })

  const empty = await client.getOverview()
  await api.records.applications.put(anApplication())
  const registered = await client.getOverview({ unlike: empty })

  expect(registered.places).toMatchObject([{ application: 'payments' }])
})

it('a deployment is waited for until it has another event, though it has ended', async () => {
  await using api = await startApi(server)
  const client = createClient({ url: api.url, token: tokenOf('viewer') })
  const { id, web1, deployment } = await startStory(api)
  await web1.append({ type: 'host.ended', host: 'web1', outcome: 'failed', traffic: 'drained', failure })
  await deployment.end({ type: 'deployment.ended', outcome: 'failed', failure })
  const after = (await client.listEvents(id)).next
  const ended = await client.listEvents(id, { after })

  const waiting = client.listEvents(id, { after, unlike: ended })
  await untilWaiting(api)
  await api.records.commands.give(id, { command: { command: 'retry' }, by: 'ada' })

  expect((await waiting).events).toMatchObject([{ type: 'deployment.commanded', command: { command: 'retry' } }])
})

const failure = { code: 'HEALTH_CHECK_FAILED', message: 'web1 was not healthy in 60s', hint: 'Read its log.' } as const

/** The API listens for changes while a request waits for them. */
async function untilWaiting({ prefix }: TestApi): Promise<void> {
  const redis = new Redis(server.url)
  await expect.poll(() => redis.pubsub('NUMSUB', `${prefix}:changes`), { timeout: 20_000 }).toContain(1)
  redis.disconnect()
}

/** Reads a list again as someone who has it already. */
async function readAgain(url: string, { headers, wait }: { headers: Record<string, string>; wait: string }) {
  const first = await fetch(url, { headers })
  expect(first.status).toBe(200)
  return fetch(url, { headers: { ...headers, 'if-none-match': first.headers.get('etag')!, prefer: wait } })
}

it('the same answer is not sent again when the time is over, nor when the API closes', async () => {
  await using api = await startApi(server)
  await startStory(api)
  const url = `${api.url}/v1/deployments`

  const over = await readAgain(url, { headers: bearer('viewer'), wait: 'respond-async, wait=1' })
  const waiting = readAgain(url, { headers: bearer('viewer'), wait: 'wait=55' })
  await untilWaiting(api)
  await api.app.close()

  expect([over.status, await over.text(), (await waiting).status]).toEqual([304, '', 304])
  const headers = ['cache-control', 'connection', 'content-length', 'date', 'etag', 'keep-alive', 'x-request-id']
  expect([...over.headers.keys()].toSorted()).toEqual(headers)
})

it('what the caller may not see is no change', async () => {
  const token = 'token-of-team-fin'
  const sha256 = createHash('sha256').update(token).digest('hex')
  await using api = await startApi(server, {
    tokens: { fay: { sha256 } },
    grants: [{ who: ['fay'], role: 'viewer', teams: ['fin'] }],
  })
  const headers = { authorization: `Bearer ${token}` }

  const waiting = readAgain(`${api.url}/v1/deployments`, { headers, wait: 'wait=1' })
  await untilWaiting(api)
  await startStory(api)

  expect((await waiting).status).toBe(304)
})

it('whoever signs out while they wait is told so', async () => {
  await using api = await startApi(server)
  const signIn = await api.app.inject({ method: 'POST', url: '/v1/session', payload: { token: tokenOf('viewer') } })
  const cookie = String(signIn.headers['set-cookie']).split(';')[0]!

  const waiting = readAgain(`${api.url}/v1/locks`, { headers: { cookie }, wait: 'wait=55' })
  await untilWaiting(api)
  const signOut = await fetch(`${api.url}/v1/session`, { method: 'DELETE', headers: { cookie, origin: api.url } })

  expect([signOut.status, (await waiting).status]).toEqual([200, 401])
})

it('a client that goes is not waited for', async () => {
  await using api = await startApi(server)
  const client = createClient({ url: api.url, token: tokenOf('viewer') })
  const leaving = new AbortController()
  const waiting = client.listDeployments({}, { unlike: await client.listDeployments(), signal: leaving.signal })

  leaving.abort(new Error('gone'))

  await expect(waiting).rejects.toThrow('gone')
  await api.app.close()
  expect(api.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
})
