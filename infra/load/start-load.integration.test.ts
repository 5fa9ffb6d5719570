import { once } from 'node:events'
import { type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startLoad } from './start-load.ts'

let server: Server

afterEach(async () => {
  server.closeAllConnections()
  await server[Symbol.asyncDispose]().catch(() => undefined)
})

test('keeps its rate, sends half to /slow, and waits for the requests in flight', async () => {
  const paths: string[] = []
  const url = await serve((request, response) => {
    paths.push(request.url ?? '')
    response.setHeader('x-version', '1.0.0')
    setTimeout(() => response.end('1.0.0'), request.url === '/slow' ? 100 : 0)
  })

  const load = startLoad({ urls: [url], requestsPerSecond: 200 })
  await arrivalOf(40)
  const summary = await load.stop()

  expect(summary).toMatchObject({ total: paths.length, failed: 0, failures: {}, versions: { '1.0.0': paths.length } })
  expect(summary.p99Ms).toBeGreaterThanOrEqual(99)
  expect(Math.abs(paths.filter((path) => path === '/slow').length * 2 - paths.length)).toBeLessThanOrEqual(1)
})

test('counts a status other than 200, a lost connection and a timeout, each under its reason', async () => {
  let arrived = 0
  const url = await serve((request, response) => {
    const kind = arrived++ % 3
    if (kind === 0) response.writeHead(503).end()
    if (kind === 1) request.socket.destroy()
  })

  const load = startLoad({ urls: [url], requestsPerSecond: 100, requestTimeoutMs: 150 })
  await arrivalOf(9)
  const summary = await load.stop()

  expect(summary.failed).toBe(summary.total)
  expect(Object.keys(summary.failures).sort()).toEqual(['ECONNRESET', 'status 503', 'timeout'])
})

test('counts an answer that breaks off as failed', async () => {
  const url = await serve((request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half', () => request.socket.destroy())
  })

  const load = startLoad({ urls: [url], requestsPerSecond: 100 })
  await arrivalOf(3)
  const summary = await load.stop()

  expect(summary.failures).toEqual({ ECONNRESET: summary.total })
})

test('sends a request again whose kept connection was closed before an answer, when asked to', async () => {
  const url = await serve((request, response) => {
    const isFirst = !seen.has(request.socket)
    seen.add(request.socket)
    if (isFirst) response.end()
    else request.socket.destroy()
  })
  const seen = new Set<unknown>()

  const load = startLoad({ urls: [url], requestsPerSecond: 50, resendOnClosed: true })
  await arrivalOf(10)
  const summary = await load.stop()

  expect(summary.failures).toEqual({})
  expect(summary.resent).toBeGreaterThan(0)
})

test('holds back at its bound of requests in flight and counts what was not sent', async () => {
  let arrived = 0
  const url = await serve(() => void arrived++)

  const load = startLoad({ urls: [url], requestsPerSecond: 400, requestTimeoutMs: 300, maxInFlight: 5 })
  await arrivalOf(6)
  const summary = await load.stop()

  expect(summary.failures['timeout']).toBe(arrived)
  expect(summary.failures['not sent: 5 in flight']).toBe(summary.total - arrived)
  expect(summary.total).toBeGreaterThan(50)
})

test('goes to its URLs in turn', async () => {
  const hosts: string[] = []
  const url = await serve((request, response) => {
    hosts.push(request.headers.host ?? '')
    response.end()
  })

  await using _load = startLoad({
    urls: [url, url.replace('127.0.0.1', 'localhost')],
    requestsPerSecond: 200,
    slowShare: 0,
  })
  await arrivalOf(20)

  expect(new Set(hosts).size).toBe(2)
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function arrivalOf(requests: number): Promise<void> {
  for (let arrived = 0; arrived < requests; arrived++) await once(server, 'request')
}
