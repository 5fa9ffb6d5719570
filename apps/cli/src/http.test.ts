import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { httpFetch, openEventSource } from './http.ts'

test('gives the messages of a stream, over chunks that end anywhere, and ends with it', async () => {
  await using server = await serve((response) => {
    response.write(': still here\n\nid: 1\ndata: {"o')
    setImmediate(() => response.end('ne":1}\n\ndata: {"two":2}\n\n'))
  })

  const messages = await readAll(server.url, 'secret')

  expect(messages).toEqual(['{"one":1}', '{"two":2}'])
  expect(server.seen).toEqual({ accept: 'text/event-stream', authorization: 'Bearer secret' })
})

test.each<[string, (response: ServerResponse) => void]>([
  ['is refused', (response) => response.writeHead(503).end('data: {}\n\n')],
  ['has nothing to say', (response) => response.writeHead(204).end()],
  ['breaks before its answer', (response) => response.destroy()],
  ['breaks in the middle', (response) => response.write('data: {', () => response.destroy())],
])('ends without a message when the stream %s', async (_, answer) => {
  await using server = await serve(answer)

  expect(await readAll(server.url)).toEqual([])
})

test('throws the reason when a stream is aborted', async () => {
  await using server = await serve((response) => response.write('data: {}\n\n'))
  const controller = new AbortController()

  const reading = (async () => {
    for await (const _ of openEventSource(server.url, { token: undefined, signal: controller.signal }))
      controller.abort(new Error('enough'))
  })()

  await expect(reading).rejects.toThrow('enough')
})

test('says what breaks an answer', async () => {
  await using server = await serve((response) => response.write('{', () => response.destroy()))
  const { signal } = new AbortController()

  const answer = await httpFetch(server.url, { method: 'GET', headers: {}, redirect: 'error', signal })

  await expect(answer.text()).rejects.toMatchObject({ code: 'ECONNRESET' })
})

async function readAll(url: URL, token?: string): Promise<string[]> {
  const messages: string[] = []
  for await (const message of openEventSource(url, { token, signal: undefined })) messages.push(message)
  return messages
}

async function serve(answer: (response: ServerResponse) => void) {
  const seen: { accept?: string | undefined; authorization?: string | undefined } = {}
  const server = createServer(({ headers: { accept, authorization } }, response) => {
    Object.assign(seen, { accept, authorization })
    answer(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    seen,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
