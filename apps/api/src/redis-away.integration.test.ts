import { execFileSync } from 'node:child_process'
import { startRedis } from '@vesemir/testing/start-redis'
import { createClient } from '@vesemir/contract'
import { expect, it } from 'vitest'
import { anApplication, bearer, startApi, tokenOf } from './testing/start-api.ts'
import { startStory } from './testing/story.ts'
import { openViewer } from './testing/viewer.ts'

const order = { application: 'payments', environment: 'production', version: '1.4.2' }

it('says that Redis is away at once, closes viewers, and runs nothing later that it refused', async () => {
  const server = await startRedis()
  await using api = await startApi(server)
  await api.records.applications.put(anApplication())
  const { address } = await startStory(api)
  const viewer = await openViewer(address, { headers: bearer('viewer') })
  await viewer.until(({ seqs }) => seqs().length === 5)
  const client = createClient({ url: api.url, token: tokenOf('deployer') })

  await server[Symbol.asyncDispose]()
  const startedMs = performance.now()
  const refused = await client.createDeployment(order).catch((error: unknown) => error)
  const ready = await api.app.inject('/readyz')
  const alive = await api.app.inject('/livez')

  expect(performance.now() - startedMs).toBeLessThan(3000)
  expect(refused).toMatchObject({ code: 'REDIS_UNREACHABLE', problem: { status: 503 } })
  expect(ready.statusCode).toBe(503)
  expect(ready.headers['retry-after']).toBe('1')
  expect(alive.statusCode).toBe(200)
  expect(await viewer.closed).toEqual({ code: 1013, reason: 'REDIS_UNREACHABLE' })
})

it('answers though Redis hangs, within the time of a command', async () => {
  await using server = await startRedis()
  await using api = await startApi(server)
  const pid = /process_id:(\d+)/.exec(await server.connect().info('server'))![1]!

  execFileSync('kill', ['-STOP', pid])
  try {
    const answer = await api.app.inject({ url: '/v1/deployments', headers: bearer('viewer') })

    expect(answer.json()).toMatchObject({ status: 503, code: 'REDIS_UNREACHABLE' })
  } finally {
    execFileSync('kill', ['-CONT', pid])
  }
})

it.each([
  ['REDIS_OUT_OF_MEMORY', ['CONFIG', 'SET', 'maxmemory', '1'], 'Redis has no memory left (maxmemory)'],
  ['REDIS_LACKS_REPLICAS', ['CONFIG', 'SET', 'min-replicas-to-write', '1'], 'too few replicas'],
  ['REDIS_IS_REPLICA', ['REPLICAOF', '127.0.0.1', '1'], 'Redis is a replica'],
  ['REDIS_FORBIDS', ['ACL', 'SETUSER', 'default', '-set', '-evalsha', '-eval'], 'does not let its user do this'],
])('says by %s why Redis refuses, is not ready, and still reads', async (code, [command, ...args], detail) => {
  await using server = await startRedis()
  await using api = await startApi(server)
  await api.records.applications.put(anApplication())
  await server.connect().call(command!, ...args)

  const headers = bearer('deployer')
  const refused = await api.app.inject({ method: 'POST', url: '/v1/deployments', headers, payload: order })
  const ready = await api.app.inject('/readyz')
  const read = await api.app.inject({ url: '/v1/applications/payments', headers })

  const problem = { status: 503, code, detail: expect.stringContaining(detail) as string }
  expect(refused.json()).toMatchObject(problem)
  expect(ready.json()).toMatchObject(problem)
  expect(read.statusCode).toBe(200)
})
