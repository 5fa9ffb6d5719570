import { connect } from 'node:net'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bearer, startApi, type TestApi } from './testing/start-api.ts'

let server: RedisServer
let api: TestApi
beforeAll(async () => {
  server = await startRedis()
  api = await startApi(server, { url: 'https://vesemir.example' })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

/** Sends bytes, and returns what comes back until the connection ends. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(api.url)
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let answer = ''
  const socket = connect(Number(port), hostname, () => socket.write(bytes))
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text))
  socket.on('error', reject).on('close', () => resolve(answer))
  return promise
}

const to = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'host: a', 'connection: close', ...headers, '', ''].join('\r\n')

test.each([
  ['200', 'of a route', to('GET /livez')],
  ['401', 'without a token', to('GET /v1/deployments')],
  ['404', 'of an address that is not known', to('GET /nowhere', `authorization: ${bearer('viewer').authorization}`)],
  ['400', 'of an address that is none', to('GET /%zz')],
  ['400', 'of an address that is none, below /v1', to('GET /v1/deployments/%zz')],
  [
    '400',
    'with a body that is no JSON',
    `${to('POST /v1/session', 'content-type: application/json', 'content-length: 1')}{`,
  ],
  ['413', 'with too large a body', to('POST /v1/session', 'content-type: application/json', 'content-length: 300000')],
  ['415', 'with a body of another type', `${to('POST /v1/session', 'content-type: text/odd', 'content-length: 1')}{`],
  ['431', 'with too large headers', to('GET /', `x: ${'y'.repeat(20_000)}`)],
  ['400', 'of another version of HTTP', 'GET / HTTP/9.9\r\nhost: a\r\n\r\n'],
  ['400', 'of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['400', 'that is none', 'hello\r\n\r\n'],
  ['400', 'with two lengths', to('POST /v1/session', 'content-length: 1', 'content-length: 2')],
  ['417', 'that expects something', to('GET /healthz', 'expect: a-miracle')],
])('the answer %s to a request %s has every security header', async (status, _, bytes) => {
  const answer = await exchange(bytes)

  const [head = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  for (const header of [
    /^x-content-type-options: nosniff$/im,
    /^content-security-policy: .*frame-ancestors 'none'/im,
    /^cross-origin-resource-policy: same-origin$/im,
    /^referrer-policy: same-origin$/im,
    /^strict-transport-security: max-age=31536000$/im,
  ])
    expect(head.replaceAll('\r', '')).toMatch(header)
})
