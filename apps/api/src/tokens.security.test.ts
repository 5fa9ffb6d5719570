import { Protection, type ApiTokenList, type CreatedApiToken, type Grant, type Session } from '@vesemir/contract'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApi } from './testing/start-api.ts'
import { startStory } from './testing/story.ts'
import { startTwoTeams, tokenFor, type TwoTeams } from './testing/two-teams.ts'
import { openViewer } from './testing/viewer.ts'

const people: Record<string, readonly Grant[]> = {
  chief: [{ role: 'admin' }],
  dora: [{ role: 'deployer', teams: ['core'] }],
  vera: [{ role: 'viewer', teams: ['core'] }],
}
const settingsOf = (names: readonly string[], api: TwoTeams) => ({
  tokens: Object.fromEntries(Object.entries(api.settings.tokens).filter(([name]) => names.includes(name))),
  grants: api.settings.grants,
})

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

type Method = 'GET' | 'POST' | 'DELETE'

function send(api: Pick<TwoTeams, 'app'>, token: string, method: Method, url: string, payload?: object) {
  const request: InjectOptions = { method, url, headers: { authorization: `Bearer ${token}` } }
  return api.app.inject({ ...request, ...(payload ? { payload } : {}) })
}

async function createToken(api: TwoTeams, who: string, asked: object = {}): Promise<CreatedApiToken> {
  const body = { name: 'ci', grants: people[who], ...asked }
  const answer = await send(api, tokenFor(who), 'POST', '/v1/tokens', body)
  expect(answer.statusCode).toBe(201)
  return answer.json<CreatedApiToken>()
}

const callerOf = async (api: Pick<TwoTeams, 'app'>, token: string) =>
  (await send(api, token, 'GET', '/v1/session')).json<Session>()

describe('a token that somebody made', () => {
  it('acts in their name with its own grants, and is shown once', async () => {
    await using api = await startTwoTeams(server, { people })
    const grants: Grant[] = [{ role: 'approver', teams: ['core'], environments: ['production'] }]

    const created = await createToken(api, 'dora', { grants })

    const { token, ...shown } = created
    expect(await callerOf(api, token)).toMatchObject({ name: 'dora', token: 'ci', role: 'approver', grants })
    const list = (await send(api, tokenFor('dora'), 'GET', '/v1/tokens')).json<ApiTokenList>()
    expect(list.tokens).toEqual([{ ...shown, lastUsedAt: expect.any(String) }])
    expect(JSON.stringify(api.log)).not.toContain(token)
  })

  it('is never given more than its maker has', async () => {
    await using api = await startTwoTeams(server, { people })
    const wanted: Grant[] = [
      { role: 'deployer' },
      { role: 'operator', teams: ['core'] },
      { role: 'viewer', teams: ['*'] },
    ]

    for (const grant of wanted) {
      const body = { name: 'ci', grants: [{ role: 'viewer', teams: ['core'] }, grant] }
      const answer = await send(api, tokenFor('dora'), 'POST', '/v1/tokens', body)
      expect(answer.json()).toMatchObject({ code: 'FORBIDDEN' })
    }
  })

  it('loses what its maker loses, and ends with them', async () => {
    await using api = await startTwoTeams(server, { people })
    const { token } = await createToken(api, 'dora')

    api.access.replace({ ...api.settings, grants: [{ who: ['dora'], ...people['vera']![0]! }] })
    expect((await callerOf(api, token)).grants).toEqual([])

    api.access.replace(settingsOf(['chief'], api))
    expect((await send(api, token, 'GET', '/v1/session')).statusCode).toBe(401)
  })

  it('approves nothing that its maker asked for, in a protected environment', async () => {
    const protections = [Protection.parse({ environments: ['production'] })]
    await using api = await startTwoTeams(server, { people, protections })
    const { token } = await createToken(api, 'dora', { grants: [{ role: 'approver', teams: ['core'] }] })
    const { spec } = (await api.records.deployments.read(api.core.deploymentId))!
    const approve = async (requestedBy: string) => {
      const { id } = await api.records.deployments.create({ spec, requestedBy })
      const claim = await api.records.claims.claimDeployment(id, 'w1')
      const until = new Date(Date.now() + 60_000).toISOString()
      await claim.append({ type: 'deployment.gated', gate: { kind: 'approval', afterWave: 1, until } })
      return send(api, token, 'POST', `/v1/deployments/${id}/commands`, { command: 'approve' })
    }

    expect((await approve('dora')).json()).toMatchObject({ code: 'ENVIRONMENT_PROTECTED' })
    expect((await approve('chief')).statusCode).toBeLessThan(300)
  })

  it('makes no others, so that who has stolen one cannot keep what it opens', async () => {
    await using api = await startTwoTeams(server, { people })
    const { token } = await createToken(api, 'dora')

    const answer = await send(api, token, 'POST', '/v1/tokens', { name: 'spare', grants: people['dora'] })

    expect(answer.json()).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('ends on every process at the moment that it is revoked, with its streams and sessions', async () => {
    await using api = await startTwoTeams(server, { people })
    await using other = await startApi(server, { prefix: api.prefix, ...api.settings })
    const { id, token } = await createToken(api, 'chief')
    const { path } = await startStory(api)
    const viewer = await openViewer(other.socketUrl + path, { headers: { authorization: `Bearer ${token}` } })
    await viewer.until(({ seqs }) => seqs().length === 5)
    const signedIn = await other.app.inject({ method: 'POST', url: '/v1/session', payload: { token } })
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!
    expect((await other.app.inject({ url: '/v1/session', headers: { cookie } })).statusCode).toBe(200)

    const answer = await send(api, tokenFor('chief'), 'DELETE', `/v1/tokens/${id}`)

    expect(answer.statusCode).toBe(204)
    expect(await viewer.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect((await send(other, token, 'GET', '/v1/session')).statusCode).toBe(401)
    expect((await other.app.inject({ url: '/v1/session', headers: { cookie } })).statusCode).toBe(401)
  })

  it('is seen and revoked by its owner and an admin of everything, and does not exist for others', async () => {
    await using api = await startTwoTeams(server, { people })
    const { id } = await createToken(api, 'dora')
    const namesFor = async (who: string) =>
      (await send(api, tokenFor(who), 'GET', '/v1/tokens')).json<ApiTokenList>().tokens.map(({ name }) => name)

    expect(await namesFor('vera')).toEqual([])
    expect(await namesFor('dora')).toEqual(['ci'])
    expect(await namesFor('chief')).toEqual(['core-ci', 'fin-ci', 'ci'])
    expect((await send(api, tokenFor('vera'), 'DELETE', `/v1/tokens/${id}`)).json()).toMatchObject({
      code: 'TOKEN_UNKNOWN',
    })
    expect((await send(api, tokenFor('chief'), 'DELETE', `/v1/tokens/${id}`)).statusCode).toBe(204)
    expect(await namesFor('dora')).toEqual([])
  })

  it('has a name of its own among those of its owner, and a time that ends', async () => {
    await using api = await startTwoTeams(server, { people })
    await createToken(api, 'dora')
    await createToken(api, 'vera')
    const create = (body: object) =>
      send(api, tokenFor('dora'), 'POST', '/v1/tokens', { name: 'ci', grants: people['dora'], ...body })

    expect((await create({})).json()).toMatchObject({ code: 'TOKEN_REFUSED' })
    for (const expiresIn of ['0s', '367d', 'never'])
      expect((await create({ name: 'other', expiresIn })).json()).toMatchObject({ code: 'REQUEST_INVALID' })
  })
})

it('a stream ends when the settings take away what it was opened with', async () => {
  await using api = await startTwoTeams(server, { people })
  const { path, address } = await startStory(api)
  const viewer = await openViewer(address, { headers: { authorization: `Bearer ${tokenFor('dora')}` } })
  await viewer.until(({ seqs }) => seqs().length === 5)

  api.access.replace(settingsOf(['chief'], api))

  expect(await viewer.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
  const again = openViewer(api.socketUrl + path, { headers: { authorization: `Bearer ${tokenFor('dora')}` } })
  await expect(again).rejects.toMatchObject({ status: 401 })
})
