import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, startApi } from '../testing/start-api.ts'
import { end, startStory, step } from '../testing/story.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

interface Frame {
  id: string | undefined
  data: { kind: string; events?: { seq: number }[] }
}

/** Reads Server-Sent Events as they come, as curl would. */
async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n\n')
    rest = parts.pop()!
    for (const part of parts) {
      const fields = new Map(part.split('\n').map((line) => [line.split(': ')[0]!, line.slice(line.indexOf(': ') + 2)]))
      const data = fields.get('data')
      yield {
        id: fields.get('id'),
        data: data === undefined ? { kind: 'comment' } : (JSON.parse(data) as Frame['data']),
      }
    }
  }
}

async function readAll(frames: AsyncGenerator<Frame>): Promise<Frame[]> {
  const all: Frame[] = []
  for await (const frame of frames) all.push(frame)
  return all
}

function open(url: string, { headers = {}, signal = null }: Pick<RequestInit, 'signal'> & { headers?: object } = {}) {
  return fetch(url, { headers: { accept: 'text/event-stream', ...bearer('viewer'), ...headers }, signal })
}

describe('Server-Sent Events', () => {
  it('give the same messages as the WebSocket, with the cursor, to the end', async () => {
    await using api = await startApi(server)
    const { path, deployment, web1 } = await startStory(api)
    const answer = await open(api.url + path)
    const frames = readFrames(answer.body!)

    const first = await frames.next()
    await step(web1)
    const second = await frames.next()
    await end(deployment)
    const rest = await readAll(frames)

    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(first.value).toMatchObject({
      id: expect.stringMatching(/^5@[0-9a-f]+$/),
      data: { kind: 'events', events: [1, 2, 3, 4, 5].map((seq) => ({ seq })) },
    })
    expect(second.value).toMatchObject({ id: expect.stringMatching(/^6@/), data: { events: [{ seq: 6 }] } })
    expect(rest).toMatchObject([
      { id: expect.stringMatching(/^7@/), data: { events: [{ seq: 7 }] } },
      { data: { kind: 'ended' } },
    ])
  })

  it('resume where Last-Event-ID says, and tell a browser that has all not to come back', async () => {
    await using api = await startApi(server)
    const { path, deployment } = await startStory(api)
    await end(deployment)

    const answer = await open(api.url + path, { headers: { 'last-event-id': '4' } })
    const [first] = await readAll(readFrames(answer.body!))
    const done = await open(api.url + path, { headers: { 'last-event-id': '6' } })
    const wrong = await open(api.url + path, { headers: { 'last-event-id': 'x' } })

    expect(first).toMatchObject({ id: expect.stringMatching(/^6@/), data: { events: [{ seq: 5 }, { seq: 6 }] } })
    expect(done.status).toBe(204)
    expect(wrong.status).toBe(400)
    expect(await wrong.json()).toMatchObject({ errors: [{ field: 'last-event-id' }] })
  })

  it('show that they live, end when the API closes, and are let go of when the viewer is', async () => {
    await using api = await startApi(server, { heartbeatMs: 20 })
    const { path } = await startStory(api)
    const leaving = new AbortController()
    const left = await open(api.url + path, { signal: leaving.signal })
    const stayed = await open(api.url + path)
    const frames = readFrames(stayed.body!)

    // A busy machine sends the events in parts.
    let frame = await frames.next()
    while (!frame.done && frame.value.data.kind === 'events') frame = await frames.next()
    leaving.abort()
    await left.text().catch(() => '')
    await api.app.close()
    const rest = await readAll(frames)

    expect(frame.value).toMatchObject({ data: { kind: 'comment' } })
    expect(rest.filter(({ data }) => data.kind !== 'comment' && data.kind !== 'events')).toEqual([])
    expect(api.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
  })
})
