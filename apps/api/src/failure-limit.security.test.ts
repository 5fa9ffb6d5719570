import { randomBytes } from 'node:crypto'
import type { Problem } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, startApi, tokenOf, type TestApi } from './testing/start-api.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

/** A request through the one proxy that the API believes. */
function send({ app }: TestApi, { from, token }: { from: string; token: string }) {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': from }
  return app.inject({ url: '/v1/session', headers })
}

function signIn({ app }: TestApi, { from, token }: { from: string; token: string }) {
  const headers = { 'x-forwarded-for': from }
  return app.inject({ method: 'POST', url: '/v1/session', headers, payload: { token } })
}

const aGuess = () => randomBytes(16).toString('base64url')
const behindProxy = { proxies: ['127.0.0.1'] }

async function repeat<Result>(times: number, act: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let time = 0; time < times; time += 1) results.push(await act())
  return results
}

describe('someone who guesses', () => {
  it('is stopped after a hundred tokens, over all processes, while everybody else behind the address is let in', async () => {
    await using api = await startApi(server, behindProxy)
    await using other = await startApi(server, { ...behindProxy, prefix: api.prefix })
    const from = '203.0.113.7'

    const answers = await repeat(150, async () => [
      await send(api, { from, token: aGuess() }),
      await send(other, { from, token: aGuess() }),
    ])

    const statuses = answers.flat().map(({ statusCode }) => statusCode)
    expect(statuses.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 401))
    expect(statuses.slice(100)).toEqual(Array.from({ length: 200 }, () => 429))
    const last = answers.at(-1)!.at(-1)!
    expect(last.json<Problem>().code).toBe('SIGN_IN_LIMITED')
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0)
    for (const each of [api, other]) {
      expect((await send(each, { from, token: tokenOf('viewer') })).statusCode).toBe(200)
      expect((await signIn(each, { from, token: tokenOf('deployer') })).statusCode).toBe(200)
      expect((await send(each, { from: '203.0.113.8', token: aGuess() })).statusCode).toBe(401)
    }
  })

  it('gains nothing by another address of the same IPv6 network, or by naming one as nobody believes', async () => {
    await using api = await startApi(server, behindProxy)
    await using direct = await startApi(server)
    let number = 0
    const next = () => (number += 1)
    await repeat(100, () => send(api, { from: `2001:db8::${next().toString(16)}`, token: aGuess() }))
    await repeat(100, () => send(direct, { from: `203.0.113.${next()}`, token: aGuess() }))

    expect((await send(api, { from: '2001:db8::ffff', token: aGuess() })).statusCode).toBe(429)
    expect((await send(direct, { from: '198.51.100.1', token: aGuess() })).statusCode).toBe(429)
  })
})

it('ten wrong sign-ins of one person leave everybody else behind the address alone', async () => {
  await using api = await startApi(server, behindProxy)
  const from = '203.0.113.7'
  const wrong = `${tokenOf('viewer')}-mistyped`

  const answers = await repeat(11, () => signIn(api, { from, token: wrong }))

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  expect((await signIn(api, { from, token: aGuess() })).statusCode).toBe(401)
  expect((await signIn(api, { from, token: tokenOf('viewer') })).statusCode).toBe(200)
  expect((await api.app.inject({ url: '/v1/session', headers: bearer('admin') })).statusCode).toBe(200)
})

it('tokens of one id are counted together, whatever secret is guessed for it', async () => {
  await using api = await startApi(server, behindProxy)
  const from = '203.0.113.7'
  const { id, token } = await api.apiTokens.create({
    name: 'ci',
    owner: { kind: 'token', name: 'deployer-name' },
    grants: [{ role: 'viewer' }],
    expiresMs: Date.now() + 60_000,
  })
  const guess = () => `vsm_${id}_${randomBytes(32).toString('base64url')}`

  const answers = await repeat(11, () => send(api, { from, token: guess() }))

  expect(answers.at(-1)!.statusCode).toBe(429)
  expect((await send(api, { from, token })).statusCode).toBe(200)
})

it('sign-ins that nobody sends a credential with are limited by address, and nothing else is', async () => {
  await using api = await startApi(server, behindProxy)
  const from = '203.0.113.7'
  const begin = (address: string, method: 'GET' | 'POST', url: string) =>
    api.app.inject({ method, url, headers: { 'x-forwarded-for': address } })
  await repeat(300, () => begin(from, 'POST', '/v1/sign-in/corp/devices'))

  for (const [method, url] of [
    ['POST', '/v1/sign-in/corp/devices'],
    ['GET', '/v1/sign-in'],
    ['GET', '/sign-in/corp'],
    ['GET', '/sign-in/corp/callback?code=1&state=2'],
  ] as const)
    expect((await begin(from, method, url)).statusCode).toBe(429)
  expect((await begin('203.0.113.8', 'POST', '/v1/sign-in/corp/devices')).statusCode).toBe(404)
  expect((await signIn(api, { from, token: tokenOf('viewer') })).statusCode).toBe(200)
  expect((await send(api, { from, token: tokenOf('viewer') })).statusCode).toBe(200)
})
