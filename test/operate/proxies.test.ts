import { createClient, type Client } from '@vesemir/contract'
import { freePort } from '@vesemir/process/free-port'
import { startRedis } from '@vesemir/testing/start-redis'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startOwnApi } from './support/start-own-api.ts'
import { proxies, startProxy, type Proxy } from './support/start-proxy.ts'

const token = 'a-token-of-an-admin'
/** Where people are: another address than the proxy's. */
const viewer = '127.0.0.9'
const closing = new AsyncDisposableStack()
let folder: string
let apiPort: number
let client: Client

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-proxies-'))
  closing.defer(() => rm(folder, { recursive: true, force: true }))
  const redis = closing.use(await startRedis())
  apiPort = await freePort()
  const sha256 = createHash('sha256').update(token).digest('hex')
  const tokens = { ada: { role: 'admin', sha256 } }
  const own = { url: 'https://vesemir.example', proxies: ['127.0.0.1'], orders: 'unsigned', clusters: ['eu'], tokens }
  closing.use(await startOwnApi(folder, { port: apiPort, redis: redis.url, ...own }))
  client = createClient({ url: `http://127.0.0.1:${apiPort}`, token })
  await client.putApplication(definition)
})
afterAll(() => closing.disposeAsync())

const definition: Parameters<Client['putApplication']>[0] = {
  name: 'payments',
  team: 'core',
  cluster: 'eu',
  loadBalancer: { kind: 'none' },
  changeset: { strategy: 'command', commands: ['true'] },
  service: { restart: 'true' },
  healthCheck: { kind: 'tcp', port: 22 },
  environments: { production: {} },
}

interface Asked {
  method?: string
  headers?: Record<string, string>
}

describe.each(proxies)('behind %s', (file) => {
  let proxy: Proxy
  beforeAll(async () => {
    const own = join(folder, file.replace('.', '-'))
    await mkdir(own)
    proxy = await startProxy(file, { folder: own, apiPort })
  })
  afterAll(() => proxy?.[Symbol.asyncDispose]())

  test('the page and the API are served by HTTPS, and HTTP leads there', async () => {
    const page = await ask('/')
    const plain = await fetch(`http://127.0.0.1:${proxy.plainPort}/`, { redirect: 'manual', headers: { host } })

    expect(page.headers['strict-transport-security']).toMatch(/max-age=31536000/)
    expect(await text(page)).toContain('<html')
    expect([301, 308]).toContain(plain.status)
    expect(plain.headers.get('location')).toMatch(/^https:/)
  })

  test('events arrive as they happen, by WebSocket and as server-sent events', async () => {
    const id = await deploy()
    const path = `/v1/deployments/${id}/events`
    const socket = new WebSocket(`wss://127.0.0.1:${proxy.port}${path}`, {
      ...connection(),
      headers: { host, authorization },
    })
    const received = { socket: '', stream: '' }
    socket.on('message', (data: Buffer) => void (received.socket += data.toString()))
    const stream = await ask(path, { headers: { accept: 'text/event-stream' } })
    stream.on('data', (data: Buffer) => void (received.stream += data.toString()))
    await expect.poll(() => received.socket, { timeout: 5000 }).toContain('deployment.queued')
    await expect.poll(() => received.stream, { timeout: 5000 }).toContain('deployment.queued')

    await client.commandDeployment(id, { command: 'cancel' })

    await expect.poll(() => received.socket, { timeout: 3000 }).toContain('deployment.commanded')
    await expect.poll(() => received.stream, { timeout: 3000 }).toContain('deployment.commanded')
    socket.terminate()
    stream.destroy()
  })

  test('the record has the address of the client, whatever the client says', async () => {
    const body = JSON.stringify({ ...definition, description: `seen through ${file}` })
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.66' }
    const answer = await ask('/v1/applications/payments', { method: 'PUT', headers }, body)
    const { entries } = await client.listAudit({ action: 'putApplication' })

    expect(answer.statusCode).toBe(200)
    expect(entries[0]!.address).toBe(viewer)
  })

  test("a large definition passes, and one beyond the API's limit is refused by the API", async () => {
    const headers = { 'content-type': 'application/json' }
    const put = (bytes: number) =>
      ask(
        '/v1/applications/large',
        { method: 'PUT', headers },
        JSON.stringify({ name: 'large', description: 'x'.repeat(bytes) }),
      )

    const [large, tooLarge] = [await put(200_000), await put(300_000)]

    // The API has read it all: the description is longer than a description may be.
    expect([large.statusCode, large.headers['content-type']]).toEqual([400, expect.stringContaining('problem+json')])
    expect([tooLarge.statusCode, tooLarge.headers['content-type']]).toEqual([
      413,
      expect.stringContaining('problem+json'),
    ])
  })

  const host = 'vesemir.example'
  const authorization = `Bearer ${token}`
  const connection = () => ({ localAddress: viewer, servername: host, ca: proxy.ca })

  async function ask(path: string, options: Asked = {}, body?: string): Promise<IncomingMessage> {
    const headers = { host, authorization, ...options.headers }
    const asked = request({
      host: '127.0.0.1',
      port: proxy.port,
      path,
      agent: false,
      ...connection(),
      ...options,
      headers,
    })
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return answer
  }
})

/** Asks for a deployment, which waits: no worker is there. */
async function deploy(): Promise<string> {
  return (await client.createDeployment({ application: 'payments', environment: 'production', version: '1.0.0' })).id
}
