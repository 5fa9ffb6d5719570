import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anApplication, startApi, tokenOf, type TestApi } from './testing/start-api.ts'
import { startStory } from './testing/story.ts'
import { openViewer } from './testing/viewer.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

async function signIn({ app }: TestApi): Promise<string> {
  const answer = await app.inject({ method: 'POST', url: '/v1/session', payload: { token: tokenOf('admin') } })
  return String(answer.headers['set-cookie']).split(';')[0]!
}

const signOut = ({ app, url }: TestApi, cookie: string) =>
  app.inject({ method: 'DELETE', url: '/v1/session', headers: { cookie, host: new URL(url).host, origin: url } })

const register = ({ app, url }: TestApi, cookie: string) =>
  app.inject({
    method: 'PUT',
    url: '/v1/applications/payments',
    headers: { cookie, host: new URL(url).host, origin: url },
    payload: anApplication(),
  })

describe('a cookie that someone has copied', () => {
  it('is refused by every API process once its browser has signed out, and no other session is', async () => {
    await using api = await startApi(server)
    await using other = await startApi(server, { prefix: api.prefix })
    const [cookie, another] = [await signIn(api), await signIn(api)]
    expect((await register(other, cookie)).statusCode).toBe(200)

    await signOut(api, cookie)

    for (const each of [api, other]) {
      expect((await register(each, cookie)).json()).toMatchObject({ code: 'UNAUTHENTICATED' })
      expect((await register(each, another)).statusCode).toBe(200)
    }
  })

  it('is signed out in its renewed form too, and the other way round', async () => {
    let aheadMs = 0
    const system = createSystemClock()
    await using api = await startApi(server, { clock: { ...system, now: () => system.now() + aheadMs } })
    const cookie = await signIn(api)
    aheadMs = 40 * 60_000
    const answer = await api.app.inject({ url: '/v1/session', headers: { cookie } })
    const renewed = String(answer.headers['set-cookie']).split(';')[0]!
    expect(renewed).not.toBe(cookie)

    await signOut(api, renewed)

    for (const value of [cookie, renewed]) expect((await register(api, value)).statusCode).toBe(401)
  })

  it('loses its streams at that moment, on another process too', async () => {
    await using api = await startApi(server)
    await using other = await startApi(server, { prefix: api.prefix })
    const { path, address } = await startStory(api)
    const cookie = await signIn(api)
    const viewer = await openViewer(other.socketUrl + path, { headers: { cookie }, origin: other.url })
    const stream = await fetch(api.url + path, { headers: { cookie, accept: 'text/event-stream' } })
    const programs = await openViewer(address, { headers: { authorization: `Bearer ${tokenOf('admin')}` } })
    await viewer.until(({ seqs }) => seqs().length === 5)

    await signOut(api, cookie)

    expect(await viewer.closed).toMatchObject({ reason: 'UNAUTHENTICATED' })
    expect(await stream.text()).toContain('"seq":5')
    expect(programs.socket.readyState).toBe(programs.socket.OPEN)
    programs.socket.close()
  })
})
