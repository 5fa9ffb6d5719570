import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createChefClient } from './chef-client.ts'
import { impatientClock } from '@vesemir/testing/clocks'
import { listen, serveHttp } from './testing/listen.ts'
import { freePort } from '@vesemir/process/free-port'

const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const search = { method: 'POST', path: '/search/node', query: { q: 'a:b' }, body: { name: ['name'] } } as const

const always = (status: number, body = '', headers = {}) =>
  serveHttp((_, response) => response.writeHead(status, headers).end(body))

function aClient(serverUrl: string, { timeoutMs = 5000, aheadMs = 0 } = {}) {
  const clock = impatientClock({ aheadMs })
  const identity = { serverUrl, clientName: 'vesemir', key }
  return { clock, ...createChefClient({ identity, signing: '1.3', timeoutMs, fetch, clock }) }
}

describe('a Chef client', () => {
  test('signs the path that it asks for: organisation included, slashes folded, query left out', async () => {
    const seen: (string | undefined)[] = []
    await using server = await serveHttp((request, response) => {
      seen.push(request.url, request.headers['x-ops-userid'] as string)
      response.end('{"rows":[]}')
    })

    const answer = await aClient(`${server.url}//organizations/shop/`).request({
      ...search,
      query: { q: 'a:b AND c:d\\:e' },
    })

    expect(answer).toEqual({ rows: [] })
    expect(seen).toEqual(['/organizations/shop/search/node?q=a%3Ab%20AND%20c%3Ad%5C%3Ae', 'vesemir'])
  })

  test('tries again after a 5xx, with longer and longer pauses', async () => {
    const statuses = [503, 500, 502, 200]
    await using server = await serveHttp((_, response) => response.writeHead(statuses.shift()!).end('{}'))
    const client = aClient(server.url)

    expect(await client.request(search)).toEqual({})
    expect(client.clock.sleptMs).toEqual([500, 1000, 2000])
  })

  test('gives up after the fourth failure', async () => {
    let requests = 0
    await using server = await serveHttp((_, response) => {
      requests += 1
      response.writeHead(502).end('<html>Bad Gateway</html>')
    })

    await expect(aClient(server.url).request(search)).rejects.toMatchObject({
      code: 'INVENTORY_UNREACHABLE',
      message: `the Chef server fails: ${server.url}/search/node kept returning 502`,
    })
    expect(requests).toBe(4)
  })

  test.each([
    ['3', 3000],
    ['86400', 10_000],
    ['soon', 500],
  ])('leaves the server alone as long as it asks for, within limits (Retry-After: %s)', async (seconds, sleptMs) => {
    const statuses = [429, 200]
    await using server = await serveHttp((_, response) =>
      response.writeHead(statuses.shift()!, { 'Retry-After': seconds }).end('{}'),
    )
    const client = aClient(server.url)

    expect(await client.request(search)).toEqual({})
    expect(client.clock.sleptMs).toEqual([sleptMs])
  })

  test('tries again after a broken connection', async () => {
    let requests = 0
    await using server = await serveHttp((request, response) => {
      requests += 1
      if (requests === 1) request.socket.destroy()
      else response.end('{}')
    })

    expect(await aClient(server.url).request(search)).toEqual({})
  })

  test('says that nothing listens', async () => {
    const port = await freePort()
    const client = aClient(`http://127.0.0.1:${port}`)

    await expect(client.request(search)).rejects.toMatchObject({
      code: 'INVENTORY_UNREACHABLE',
      message: `no answer from the Chef server http://127.0.0.1:${port}: 127.0.0.1:${port} refuses the connection, so nothing listens there`,
    })
    expect(client.clock.sleptMs).toEqual([500, 1000, 2000])
  })

  test('says that a name is not known', async () => {
    await expect(aClient('http://chef.invalid').request(search)).rejects.toMatchObject({
      code: 'INVENTORY_UNREACHABLE',
      message: 'no answer from the Chef server http://chef.invalid: the name chef.invalid is not known to DNS',
    })
  })

  test('says that no answer came in time, and does not wait for a second one', async () => {
    await using server = await serveHttp((_, response) => void response.writeHead(200).write('{"rows":['))
    const client = aClient(server.url, { timeoutMs: 200 })

    await expect(client.request(search)).rejects.toMatchObject({
      code: 'INVENTORY_UNREACHABLE',
      message: expect.stringMatching(/no data from 127\.0\.0\.1:\d+ within 0\.2 s$/) as string,
    })
    expect(client.clock.sleptMs).toEqual([])
  })

  test('ends with the reason of whoever aborts it', async () => {
    const abort = new AbortController()
    await using server = await serveHttp(() => abort.abort(new Error('cancelled by Ada')))

    await expect(aClient(server.url).request(search, abort.signal)).rejects.toThrow('cancelled by Ada')
    await expect(aClient(server.url).request(search, abort.signal)).rejects.toThrow('cancelled by Ada')
  })

  test('says that what listens does not speak HTTP', async () => {
    await using server = await listen(
      createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n')),
    )

    await expect(aClient(server.url).request(search)).rejects.toMatchObject({
      code: 'INVENTORY_ANSWER_INVALID',
      message: expect.stringContaining('does not speak HTTP') as string,
    })
  })

  test('refuses an answer without end', async () => {
    await using server = await serveHttp((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024)
      const fill = () => {
        while (!response.destroyed && response.write(chunk)) continue
      }
      response.on('drain', fill)
      fill()
    })

    await expect(aClient(server.url).request(search)).rejects.toMatchObject({
      code: 'INVENTORY_ANSWER_INVALID',
      message: expect.stringContaining('more than 67108864 bytes') as string,
    })
  })

  test.each([
    [
      200,
      '<html>Welcome</html>',
      {},
      'INVENTORY_ANSWER_INVALID',
      'answers 200 with something other than JSON: it is not the API of a Chef server',
    ],
    [
      302,
      '',
      { location: 'https://sso.example/login' },
      'INVENTORY_ANSWER_INVALID',
      'answers 302: redirects to https://sso.example/login',
    ],
    [400, '{"error":["bad\\nquery"]}', {}, 'INVENTORY_ANSWER_INVALID', 'answers 400 (it says: bad query)'],
    [
      403,
      '{"error":"missing read permission"}',
      {},
      'INVENTORY_REFUSED',
      'the Chef client "vesemir" lacks a right: it must belong to the organisation and have "read" on nodes (it says: missing read permission)',
    ],
    [404, '', {}, 'INVENTORY_ANSWER_INVALID', 'answers 404: it is not the API of a Chef server'],
  ])('says what a %d means', async (status, body, headers, code, message) => {
    await using server = await always(status, body, headers)

    await expect(aClient(server.url).request(search)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message.replaceAll(/[()]/g, '\\$&') + '$') as string,
    })
  })

  test('names the organisation that is not there', async () => {
    await using server = await always(404, '{"error":["organization \'shop\' does not exist."]}')

    await expect(aClient(`${server.url}/organizations/shop`).request(search)).rejects.toMatchObject({
      code: 'INVENTORY_ANSWER_INVALID',
      message: expect.stringContaining('there is no organisation "shop"') as string,
    })
  })

  test.each([
    [20 * 60_000, "Vesemir's clock, which is that of its Redis, is 20 minutes ahead of the Chef server's"],
    [-90 * 60_000, "Vesemir's clock, which is that of its Redis, is 90 minutes behind the Chef server's"],
  ])('names the difference of the clocks when it is why a signature is refused', async (aheadMs, words) => {
    await using server = await always(401, '{"error":["synchronize the clock"]}')

    await expect(aClient(server.url, { aheadMs }).request(search)).rejects.toMatchObject({
      code: 'INVENTORY_REFUSED',
      message: expect.stringContaining(words) as string,
    })
  })
})
