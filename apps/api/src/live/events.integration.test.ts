import { once } from 'node:events'
import { connect } from 'node:net'
import { createSystemClock } from '@vesemir/process/clock'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, startApi, tokenOf } from '../testing/start-api.ts'
import { end, say, startStory, step } from '../testing/story.ts'
import { openViewer } from '../testing/viewer.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

const headers = bearer('viewer')

const firstSeqs = [1, 2, 3, 4, 5]

describe('a WebSocket', () => {
  it('gives what was, then what happens, says when it has ended, and closes', async () => {
    await using api = await startApi(server)
    const { address, deployment, web1 } = await startStory(api)

    const viewer = await openViewer(address, { headers })
    await viewer.until(({ seqs }) => seqs().length === 5)
    await step(web1)
    await viewer.until(({ seqs }) => seqs().length === 6)
    await end(deployment)

    expect(await viewer.closed).toEqual({ code: 1000, reason: 'the deployment has ended' })
    expect(viewer.seqs()).toEqual([...firstSeqs, 6, 7])
    expect(viewer.messages.at(-1)).toEqual({ kind: 'ended' })
  })

  it('resumes after the last event that was had, without a gap or a repeat, over connections that break', async () => {
    await using api = await startApi(server)
    const { address, deployment, web1 } = await startStory(api)
    const seen: number[] = []
    const story = (async () => {
      for (let count = 0; count < 300; count += 1) await step(web1)
      await end(deployment)
    })()

    for (let hasEnded = false; !hasEnded;) {
      const viewer = await openViewer(`${address}?after=${seen.at(-1) ?? 0}`, { headers })
      await Promise.race([viewer.until(({ seqs }) => seqs().length >= 40), viewer.closed])
      viewer.socket.terminate()
      seen.push(...viewer.seqs())
      hasEnded = viewer.messages.at(-1)?.kind === 'ended'
    }

    await story
    expect(seen).toEqual(Array.from({ length: 306 }, (_, index) => index + 1))
  })

  it('filters log lines by host and level, and nothing else', async () => {
    await using api = await startApi(server)
    const { address, deployment, web1, web2 } = await startStory(api)
    await say(web1, 'stdout', 'one')
    await say(web1, 'stderr', 'two')
    await say(web2, 'stderr', 'three')
    await end(deployment)

    const linesFor = async (query: string) => {
      const viewer = await openViewer(`${address}?${query}`, { headers })
      await viewer.closed
      const events = viewer.events()
      expect(events.filter(({ type }) => type !== 'log.appended')).toHaveLength(6)
      return events.flatMap((event) => (event.type === 'log.appended' ? event.lines.map(({ text }) => text) : []))
    }

    expect(await linesFor('')).toEqual(['one', 'two', 'three'])
    expect(await linesFor('host=web1')).toEqual(['one', 'two'])
    expect(await linesFor('level=stderr')).toEqual(['two', 'three'])
    expect(await linesFor('host=web1&level=stderr')).toEqual(['two'])
  })

  it('costs a viewer who reads nothing no memory and holds nobody up, and gives that viewer all in the end', async () => {
    await using api = await startApi(server)
    const { address, deployment, web1 } = await startStory(api)
    const slow = await openViewer(address, { headers })
    await slow.until(({ seqs }) => seqs().length === 5)
    slow.socket.pause()
    const quick = await openViewer(address, { headers })
    const text = 'x'.repeat(8000)

    for (let count = 0; count < 2000; count += 1) void web1.log('deploy', { stream: 'stdout', text })
    await web1.flush()
    await end(deployment)
    await quick.closed
    const held = Math.max(...[...api.app.websocketServer.clients].map(({ bufferedAmount }) => bufferedAmount))
    slow.socket.resume()
    await slow.closed

    expect(held).toBeLessThan(4_000_000)
    expect(slow.seqs()).toEqual(quick.seqs())
    const lines = slow.events().flatMap((event) => (event.type === 'log.appended' ? event.lines : []))
    expect(lines).toHaveLength(2000)
  })

  it.each([
    { name: 'no token', path: 'd-1', with: {}, status: 401, code: 'UNAUTHENTICATED' },
    { name: 'a deployment that there is not', path: 'd-99', with: headers, status: 404, code: 'DEPLOYMENT_UNKNOWN' },
    {
      name: 'a cursor that is none',
      path: 'd-1',
      query: '?after=x',
      with: headers,
      status: 400,
      code: 'REQUEST_INVALID',
    },
    { name: 'a cursor to come', path: 'd-1', query: '?after=99', with: headers, status: 400, code: 'REQUEST_INVALID' },
  ])('is refused with a problem document: $name', async ({ path, query = '', with: given, status, code }) => {
    await using api = await startApi(server)
    await startStory(api)

    const opening = openViewer(`${api.socketUrl}/v1/deployments/${path}/events${query}`, { headers: given })

    await expect(opening).rejects.toMatchObject({ status, body: { status, code } })
  })

  it('takes a cookie from its own pages alone', async () => {
    await using api = await startApi(server)
    const { address } = await startStory(api)
    const signIn = await api.app.inject({ method: 'POST', url: '/v1/session', payload: { token: tokenOf('viewer') } })
    const cookie = String(signIn.headers['set-cookie']).split(';')[0]!

    const openFrom = (from: object) => openViewer(address, { headers: { cookie }, ...from })

    const own = await openFrom({ origin: api.url })
    await own.until(({ seqs }) => seqs().length === 5)
    own.socket.terminate()
    const refusal = { status: 403, body: { code: 'ORIGIN_REFUSED' } }
    await expect(openFrom({ origin: 'http://evil.example' })).rejects.toMatchObject(refusal)
    await expect(openFrom({})).rejects.toMatchObject(refusal)
  })

  it('is closed when the session ends that it was opened with, and comes back with the cookie of a renewed one', async () => {
    const clock = { ...createSystemClock(), nowMs: Date.now(), now: () => clock.nowMs }
    await using api = await startApi(server, { clock })
    const { address } = await startStory(api)
    const signIn = await api.app.inject({ method: 'POST', url: '/v1/session', payload: { token: tokenOf('viewer') } })
    const cookieOf = (answer: typeof signIn) => String(answer.headers['set-cookie']).split(';')[0]!
    const cookie = cookieOf(signIn)
    const openWith = (value: string) => openViewer(address, { headers: { cookie: value }, origin: api.url })

    clock.nowMs += 3_600_000 - 100
    const renewed = cookieOf(await api.app.inject({ url: '/v1/session', headers: { cookie } }))
    const viewer = await openWith(cookie)

    expect(await viewer.closed).toEqual({ code: 4401, reason: 'UNAUTHENTICATED' })
    clock.nowMs += 100
    await expect(openWith(cookie)).rejects.toMatchObject({ status: 401 })
    const back = await openWith(renewed)
    back.socket.terminate()
    expect(api.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
  })

  it('shows that it lives, answers pings, and drops a peer that does not answer', async () => {
    await using api = await startApi(server, { heartbeatMs: 30 })
    const { address, id } = await startStory(api)
    const viewer = await openViewer(address, { headers })
    const silent = connect(Number(new URL(api.url).port), '127.0.0.1')
    silent.write(
      [
        `GET /v1/deployments/${id}/events HTTP/1.1`,
        'host: api',
        `authorization: ${headers.authorization}`,
        'connection: upgrade',
        'upgrade: websocket',
        'sec-websocket-version: 13',
        `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`,
        '\r\n',
      ].join('\r\n'),
    )

    silent.resume()
    await once(silent, 'close')
    viewer.socket.ping()
    await once(viewer.socket, 'pong')
    await viewer.until(({ messages }) =>
      messages.some((message) => message.kind === 'events' && message.events.length === 0),
    )

    expect(viewer.socket.readyState).toBe(viewer.socket.OPEN)
    viewer.socket.terminate()
  })

  it('tells viewers to come back when the API closes, and does not wait for those that do not go', async () => {
    await using api = await startApi(server)
    const { address } = await startStory(api)
    const viewer = await openViewer(address, { headers })
    const stuck = await openViewer(address, { headers })
    stuck.socket.pause()

    await api.app.close()

    expect(await viewer.closed).toEqual({ code: 1012, reason: 'the API is restarting; reconnect' })
    stuck.socket.terminate()
  })
})
