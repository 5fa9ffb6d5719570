import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { Problem, Session } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, startApi, tokenOf, type TestApi } from './testing/start-api.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

async function signIn(api: TestApi, role: 'viewer' | 'deployer' | 'admin') {
  const answer = await api.app.inject({ method: 'POST', url: '/v1/session', payload: { token: tokenOf(role) } })
  const header = String(answer.headers['set-cookie'])
  return { answer, header, cookie: header.split(';')[0]! }
}

describe('a browser', () => {
  it('gives its token once, and is known by a cookie that no script and no other site can use', async () => {
    await using api = await startApi(server)

    const { answer, header, cookie } = await signIn(api, 'deployer')
    const asked = await api.app.inject({ url: '/v1/session', headers: { cookie } })

    expect(answer.json()).toEqual({
      name: 'deployer-name',
      role: 'deployer',
      grants: [{ role: 'deployer' }],
      expiresAt: expect.any(String),
    })
    expect(header).toMatch(/^vesemir=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/)
    expect(header).not.toContain(tokenOf('deployer'))
    expect(asked.json<Session>()).toEqual(answer.json())
  })

  it('sends its cookie over TLS alone, where that is how the API is reached', async () => {
    await using api = await startApi(server, { url: 'https://vesemir.example' })

    const { header } = await signIn(api, 'viewer')

    expect(header).toMatch(/^__Host-vesemir=.*; Secure;/)
  })

  it('sends its cookie over TLS alone, where the API serves HTTPS by itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vesemir-tls-'))
    const { caFile, keyFile } = makeCertificate(folder)
    const [cert, key] = await Promise.all([caFile, keyFile].map((file) => readFile(file, 'utf8')))
    await rm(folder, { recursive: true })
    await using api = await startApi(server, { tls: { cert: cert!, key: key! } })

    const { header } = await signIn(api, 'viewer')

    expect(header).toMatch(/^__Host-vesemir=.*; Secure;/)
  })

  it('acts from the own pages alone', async () => {
    await using api = await startApi(server, { url: 'https://vesemir.example' })
    const { cookie } = await signIn(api, 'admin')
    const put = async (origin?: string) => {
      const headers = { cookie, ...(origin ? { origin } : {}) }
      const payload = anApplication()
      const answer = await api.app.inject({ method: 'PUT', url: '/v1/applications/payments', headers, payload })
      return answer.statusCode === 200 ? 'done' : answer.json<Problem>().code
    }

    expect(await put('https://vesemir.example')).toBe('done')
    expect(await put('https://vesemir.example.evil')).toBe('ORIGIN_REFUSED')
    expect(await put('http://vesemir.example')).toBe('ORIGIN_REFUSED')
    expect(await put('null')).toBe('ORIGIN_REFUSED')
    expect(await put()).toBe('ORIGIN_REFUSED')
  })

  it('is signed out', async () => {
    await using api = await startApi(server)
    const { cookie } = await signIn(api, 'viewer')

    const answer = await api.app.inject({
      method: 'DELETE',
      url: '/v1/session',
      headers: { cookie, host: 'api', origin: 'http://api' },
    })

    expect(answer.statusCode).toBe(200)
    expect(answer.headers['set-cookie']).toMatch(/^vesemir=; .*Expires=Thu, 01 Jan 1970/)
  })

  it('must wait after too many wrong tokens, as message and header say', async () => {
    await using api = await startApi(server)
    const post = (token: string) => api.app.inject({ method: 'POST', url: '/v1/session', payload: { token } })
    for (let time = 0; time < 10; time += 1) await post('a-wrong-token')

    const answer = await post('a-wrong-token')
    const form = await api.app.inject({
      method: 'POST',
      url: '/sign-in',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'token=a-wrong-token',
    })
    const program = await api.app.inject({ url: '/v1/session', headers: { authorization: 'Bearer a-wrong-token' } })

    expect(answer.statusCode).toBe(429)
    expect(answer.json()).toMatchObject({ code: 'SIGN_IN_LIMITED', hint: expect.stringContaining('Wait a minute') })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(form.statusCode).toBe(429)
    expect(form.body).toContain('Wait a minute')
    expect(program.statusCode).toBe(429)
    expect((await post(tokenOf('viewer'))).statusCode).toBe(200)
  })

  it('is not signed in with a wrong token, nor by another site', async () => {
    await using api = await startApi(server)
    const post = (headers: Record<string, string>, token: string) =>
      api.app.inject({ method: 'POST', url: '/v1/session', headers, payload: { token } })

    const wrong = await post({}, 'wrong-token')
    const foreign = await post({ origin: 'http://evil.example' }, tokenOf('viewer'))

    expect(wrong.json()).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(foreign.json()).toMatchObject({ code: 'ORIGIN_REFUSED' })
    expect([wrong, foreign].map(({ headers }) => headers['set-cookie'])).toEqual([undefined, undefined])
    expect(JSON.stringify(api.log)).not.toContain('wrong-token')
  })
})
