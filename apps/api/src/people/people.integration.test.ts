import type {
  ApiTokenList,
  CreatedApiToken,
  DeviceSignIn,
  DeviceToken,
  Problem,
  Session,
  SignedOut,
} from '@vesemir/contract'
import { createSystemClock } from '@vesemir/process/clock'
import { freePort } from '@vesemir/process/free-port'
import { startIdentityProvider, type IdentityProvider } from '@vesemir/testing/start-identity-provider'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { walkForms } from '@vesemir/testing/walk-forms'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startApi, type TestApi } from '../testing/start-api.ts'
import { startStory } from '../testing/story.ts'
import { openViewer } from '../testing/viewer.ts'

const minuteMs = 60_000
const grants = [
  { who: ['group:sre'], role: 'deployer' as const },
  { who: ['user:ada@example.com'], role: 'approver' as const, environments: ['production'] },
]

let server: RedisServer
let provider: IdentityProvider
let lab: IdentityProvider
let api: TestApi
let aheadMs: number
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  aheadMs = 0
  provider = await startIdentityProvider({ url, people: { ada: ['sre', 'all'], bob: ['all'] } })
  lab = await startIdentityProvider({ url, name: 'lab', people: { ada: ['sre'], mallory: ['sre'] } })
  const corp = corpSettings()
  const system = createSystemClock()
  const clock = { ...system, now: () => system.now() + aheadMs }
  api = await startApi(server, {
    port,
    url,
    grants,
    clock,
    signIn: { corp, lab: { ...corp, issuer: lab.issuer, users: ['mallory@*'], groups: ['lab-*'] } },
  })
})
afterEach(async () => {
  await api[Symbol.asyncDispose]()
  await provider[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
})

function corpSettings() {
  const { issuer, clientId, clientSecret } = provider
  return {
    issuer,
    clientId,
    clientSecret,
    label: 'Corp',
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    nameClaim: 'email',
    groupsClaim: 'groups',
    users: ['ada@*', 'bob@*'],
    groups: ['sre', 'all'],
  }
}

/** Signs somebody in as a browser does; returns the answer to what it comes back with, without the API having seen it. */
async function comeBack(login: string, name = 'corp') {
  const start = await api.app.inject({ url: `/sign-in/${name}?next=/docs` })
  const kept = String(start.headers['set-cookie']).split(';')[0]!
  const fields = { login, password: 'any' }
  const { url } = await walkForms(String(start.headers.location), {
    fields,
    until: `${api.url}/sign-in/${name}/callback`,
  })
  return { url: url.slice(api.url.length), kept }
}

async function signIn(login: string, name?: string) {
  const { url, kept } = await comeBack(login, name)
  const answer = await api.app.inject({ url, headers: { cookie: kept } })
  const cookies = [answer.headers['set-cookie'] ?? []].flat()
  const cookie = cookies.find((value) => value.startsWith('vesemir='))?.split(';')[0]
  return { answer, cookie: cookie ?? '' }
}

const ask = (headers: Record<string, string>) => api.app.inject({ url: '/v1/session', headers })
const signOut = (cookie: string) =>
  api.app.inject({ method: 'DELETE', url: '/v1/session', headers: { cookie, origin: api.url } })

it('ends the sessions of a provider that is removed while the API runs, and no others', async () => {
  const { cookie: adas } = await signIn('ada')
  const { cookie: mallorys } = await signIn('mallory', 'lab')
  api.access.replace({ tokens: {}, grants: [{ who: ['user:mallory@example.com'], role: 'viewer' }, ...grants] })

  api.people!.replace({ corp: corpSettings() })

  expect((await ask({ cookie: adas })).statusCode).toBe(200)
  expect((await ask({ cookie: mallorys })).statusCode).toBe(401)
  expect((await api.app.inject({ url: '/sign-in/lab' })).statusCode).toBe(404)
})

describe('a person in a browser', () => {
  it('signs in at the provider, comes back to where they were, and has the grants of their name and groups', async () => {
    const { answer, cookie } = await signIn('ada')

    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('url=/docs"')
    expect((await ask({ cookie })).json<Session>()).toMatchObject({
      name: 'ada@example.com',
      role: 'deployer',
      grants: [{ role: 'deployer' }, { role: 'approver', environments: ['production'] }],
    })
  })

  it('without a grant is told so, with what to ask for', async () => {
    const { answer, cookie } = await signIn('bob')

    expect(answer.statusCode).toBe(403)
    expect(answer.body).toContain('bob@example.com is signed in, but has no grant in Vesemir')
    expect(answer.body).toContain('user:bob@example.com')
    expect(answer.body).toContain('Ask an admin to add a grant')
    expect(cookie).toBe('')
  })

  it('is not signed in by what another browser came back with, nor twice, nor too late', async () => {
    const { url, kept } = await comeBack('ada')
    const foreign = await comeBack('ada')

    expect((await api.app.inject({ url })).statusCode).toBe(403)
    expect((await api.app.inject({ url, headers: { cookie: foreign.kept } })).statusCode).toBe(403)
    expect((await api.app.inject({ url, headers: { cookie: kept } })).statusCode).toBe(200)
    expect((await api.app.inject({ url, headers: { cookie: kept } })).statusCode).toBe(403)
    aheadMs += 11 * minuteMs
    const late = await api.app.inject({ url: foreign.url, headers: { cookie: foreign.kept } })
    expect(late.body).toContain('took too long')
  })

  it('is nobody but whom their provider may vouch for, and in no group of another', async () => {
    const asAda = await signIn('ada', 'lab')
    const inGroup = await signIn('mallory', 'lab')

    expect(asAda.answer.statusCode).toBe(403)
    expect(asAda.answer.body).toContain('its settings do not let it vouch for ada@example.com')
    expect(inGroup.answer.body).toContain('mallory@example.com is signed in, but has no grant in Vesemir')
  })

  it('is signed out here at once, with where to end the session at the provider', async () => {
    const { cookie } = await signIn('ada')

    const answer = await signOut(cookie)

    const { providerUrl } = answer.json<SignedOut>()
    expect(providerUrl).toMatch(new RegExp(`^${provider.issuer}/session/end\\?.*id_token_hint=`))
    expect((await ask({ cookie })).statusCode).toBe(401)
  })
})

describe('what somebody may do', () => {
  it('follows their groups at the provider within five minutes', async () => {
    const { cookie } = await signIn('ada')
    provider.people.set('ada', [])

    expect((await ask({ cookie })).json<Session>().role).toBe('deployer')
    aheadMs += 6 * minuteMs

    expect((await ask({ cookie })).json<Session>().role).toBe('approver')
    provider.people.set('ada', ['sre'])
    aheadMs += 6 * minuteMs
    expect((await ask({ cookie })).json<Session>().role).toBe('deployer')
  })

  it('ends with their account, their streams too', async () => {
    const { cookie } = await signIn('ada')
    const { address } = await startStory(api)
    const viewer = await openViewer(address, { headers: { cookie, origin: api.url } })
    await viewer.until(({ seqs }) => seqs().length === 5)
    provider.people.delete('ada')
    aheadMs += 6 * minuteMs

    expect((await ask({ cookie })).statusCode).toBe(401)
    expect(await viewer.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
  })

  it('stays as it was while the provider does not answer', async () => {
    const { cookie } = await signIn('ada')
    await provider[Symbol.asyncDispose]()
    aheadMs += 6 * minuteMs

    expect((await ask({ cookie })).json<Session>().role).toBe('deployer')
  })

  it('is what their tokens may do as well', async () => {
    const { cookie } = await signIn('ada')
    const created = await api.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: { cookie, origin: api.url },
      payload: { name: 'ci', grants: [{ role: 'deployer' }] },
    })
    const { token } = created.json<CreatedApiToken>()
    const authorization = `Bearer ${token}`
    expect((await ask({ authorization })).json<Session>()).toMatchObject({ name: 'ada@example.com', role: 'deployer' })
    const list = await api.app.inject({ url: '/v1/tokens', headers: { cookie } })
    expect(list.json<ApiTokenList>().tokens).toMatchObject([{ owner: 'ada@example.com' }])

    provider.people.set('ada', [])
    aheadMs += 6 * minuteMs
    await ask({ cookie })

    expect((await ask({ authorization })).json<Session>().grants).toEqual([])
  })
})

describe('a program of a person', () => {
  const post = (path: string, payload?: object) =>
    api.app.inject({ method: 'POST', url: `/v1/sign-in/corp/devices${path}`, ...(payload ? { payload } : {}) })
  const answerDevice = ({ verificationUriComplete }: DeviceSignIn, login: string) =>
    walkForms(verificationUriComplete!, { fields: { login, password: 'any' }, until: api.url })

  it('is signed in when they have answered in a browser, and out when it says so', async () => {
    const started = (await post('')).json<DeviceSignIn>()
    expect((await post('/token', { device: started.device })).json()).toEqual({ isPending: true })

    await answerDevice(started, 'ada')
    const { token, session } = (await post('/token', { device: started.device })).json<DeviceToken>()

    const authorization = `Bearer ${token}`
    expect(session).toMatchObject({ name: 'ada@example.com', role: 'deployer' })
    expect((await ask({ authorization })).json<Session>()).toEqual(session)
    await api.app.inject({ method: 'DELETE', url: '/v1/session', headers: { authorization } })
    expect((await ask({ authorization })).statusCode).toBe(401)
  })

  it('of somebody without a grant gets no token, and is told why', async () => {
    const started = (await post('')).json<DeviceSignIn>()
    await answerDevice(started, 'bob')

    const answer = (await post('/token', { device: started.device })).json<Problem>()

    expect(answer).toMatchObject({ code: 'GRANT_MISSING', detail: expect.stringContaining('user:bob@example.com') })
  })

  it('gets nothing by a device of its own making', async () => {
    const { device } = (await post('')).json<DeviceSignIn>()

    for (const forged of ['', 'x', device.slice(0, -2), `A${device}`])
      expect((await post('/token', { device: forged })).json()).toMatchObject({ code: 'SIGN_IN_REFUSED' })
  })
})

it('keeps no secret of a person where Redis or the log shows it', async () => {
  const { cookie } = await signIn('ada')
  await ask({ cookie })
  const redis = server.connect()

  const keys = await redis.keys(`${api.prefix}:person*`)
  const values = await Promise.all(keys.map((key) => redis.getBuffer(key)))

  // Three letters alone are in ciphertext now and then.
  const token = /eyJ[\w-]+\./
  expect(keys.length).toBeGreaterThan(0)
  const kept = Buffer.concat(values.map((value) => value!)).toString('latin1')
  for (const secret of [token, 'ada@', '"sre"']) expect(kept).not.toMatch(secret)
  expect(JSON.stringify(api.log)).not.toMatch(token)
})
