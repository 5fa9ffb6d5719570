import type { ExchangedToken, Problem, Session } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { generateKeyPair, UnsecuredJWT, SignJWT, type JWTPayload } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startApi, type TestApi } from '../testing/start-api.ts'
import { startIssuer, type Issuer } from '../testing/start-issuer.ts'

const audience = 'https://vesemir.example'
const claims = { repository: 'example/payments', ref: 'refs/heads/main', environment: 'production' }
const grants = [{ role: 'deployer' as const, applications: ['payments'], environments: ['production'] }]

let server: RedisServer
let issuer: Issuer
let api: TestApi
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(async () => {
  issuer = await startIssuer(audience)
  api = await startApi(server, { ci: { 'github-payments': rule() } })
})
afterEach(async () => {
  await api[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})

const rule = () => ({
  issuer: issuer.url,
  audience,
  claims: { repository: ['example/payments'], ref: ['refs/heads/main', 'refs/tags/*'] },
  grants,
  expiresIn: '30m',
})

const exchange = (idToken: string) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/tokens/exchange',
    payload: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: idToken,
    },
  })
const ask = (token: string) => api.app.inject({ url: '/v1/session', headers: { authorization: `Bearer ${token}` } })

describe('a CI job', () => {
  it('gets a short-lived token for its ID token, with the grants of the rule that it matches', async () => {
    const answer = await exchange(await issuer.sign(claims))

    const { access_token: token, expires_in: seconds, token_type: type } = answer.json<ExchangedToken>()
    expect({ seconds, type }).toEqual({ seconds: 1800, type: 'Bearer' })
    expect((await ask(token)).json<Session>()).toMatchObject({ name: 'github-payments', role: 'deployer', grants })
    const another = { name: 'spare', grants }
    const headers = { authorization: `Bearer ${token}` }
    const made = await api.app.inject({ method: 'POST', url: '/v1/tokens', headers, payload: another })
    expect(made.json<Problem>().code).toBe('FORBIDDEN')
  })

  it('has its keys fetched once for many', async () => {
    for (let time = 0; time < 5; time += 1) expect((await exchange(await issuer.sign(claims))).statusCode).toBe(200)

    expect(issuer.fetched).toBe(1)
  })

  it('loses its token with the rule', async () => {
    const { access_token: token } = (await exchange(await issuer.sign(claims))).json<ExchangedToken>()

    api.access.replace({ tokens: {}, ci: {} })

    expect((await ask(token)).statusCode).toBe(401)
  })

  it.each<[string, JWTPayload]>([
    ['another repository', { ...claims, repository: 'evil/payments' }],
    ['a repository whose name begins alike', { ...claims, repository: 'example/payments-fork' }],
    ['another branch', { ...claims, ref: 'refs/heads/feature' }],
    ['a claim too few', { repository: 'example/payments' }],
    ['a claim of another kind', { ...claims, repository: ['example/payments'] }],
  ])('of %s gets nothing', async (_name, wrong) => {
    expect((await exchange(await issuer.sign(wrong))).json<Problem>().code).toBe('ID_TOKEN_REFUSED')
  })
})

it.each<[string, () => Promise<string> | string]>([
  ['expired', () => issuer.sign(claims, { expires: '-1m' })],
  ['for another audience', () => issuer.sign(claims, { audience: 'https://other.example' })],
  ['of an issuer that no rule names', () => issuer.sign(claims, { issuer: 'https://evil.example' })],
  ['signed by another key', async () => issuer.sign(claims, { key: (await generateKeyPair('RS256')).privateKey })],
  [
    'not signed at all',
    () =>
      new UnsecuredJWT(claims)
        .setIssuer(issuer.url)
        .setAudience(audience)
        .setSubject('x')
        .setIssuedAt()
        .setExpirationTime('5m')
        .encode(),
  ],
  [
    'signed with a secret that is the public key',
    () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .setIssuer(issuer.url)
        .setAudience(audience)
        .setSubject('x')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(Buffer.from('public')),
  ],
  ['changed after it was signed', async () => tamper(await issuer.sign({ ...claims, repository: 'evil/payments' }))],
  ['no token', () => 'vsm_anything'],
])('an ID token that is %s is refused', async (_name, make) => {
  const answer = await exchange(await make())

  expect(answer.json<Problem>().code).toBe('ID_TOKEN_REFUSED')
})

it('an ID token for the audience of one rule has nothing by another, whose claims it has too', async () => {
  const other = { ...rule(), audience: 'https://other.example', claims: { repository: ['example/ledger'] } }
  api.access.replace({ tokens: {}, ci: { 'github-payments': rule(), 'github-ledger': other } })

  const foreign = await exchange(await issuer.sign(claims, { audience: 'https://other.example' }))
  const own = await exchange(await issuer.sign(claims))

  expect(foreign.json<Problem>().code).toBe('ID_TOKEN_REFUSED')
  expect(own.statusCode).toBe(200)
})

it('guesses of ID tokens are limited as those of tokens are', async () => {
  const wrong = await issuer.sign(claims, { audience: 'https://other.example' })

  for (let time = 0; time < 10; time += 1) await exchange(wrong)

  expect((await exchange(wrong)).json<Problem>().code).toBe('SIGN_IN_LIMITED')
  expect((await exchange(await issuer.sign(claims))).statusCode).toBe(200)
})

function tamper(token: string): string {
  const [header, , signature] = token.split('.')
  const payload = { ...claims, iss: issuer.url, aud: audience, sub: 'x', iat: 1, exp: 9_999_999_999 }
  return [header, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.')
}
