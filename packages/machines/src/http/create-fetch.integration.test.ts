import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '@vesemir/testing/make-certificate'
import { createFetch } from './create-fetch.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-http-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A server at a port of its own, and what it was asked for. */
async function listen<Kind extends Server>(server: Kind): Promise<{ port: number } & AsyncDisposable> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A proxy that opens tunnels, as proxies do for https and undici asks of them for http too. */
async function startProxy() {
  const tunnels: { to: string | undefined; authorization: string | undefined }[] = []
  const proxy = createServer().on('connect', (request, socket) => {
    tunnels.push({ to: request.url, authorization: request.headers['proxy-authorization'] })
    const { hostname, port } = new URL(`http://${request.url}`)
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
    for (const end of [socket, target]) end.on('error', () => {})
  })
  return { tunnels, ...(await listen(proxy)) }
}

const hello = () => createServer((_, response) => response.end('hello'))

describe('fetch', () => {
  test('goes through the proxy of the environment, with its password, but for what NO_PROXY names', async () => {
    await using proxy = await startProxy()
    await using server = await listen(hello())
    const url = `http://127.0.0.1:${server.port}/`
    const proxied = { HTTP_PROXY: `http://ada:hunter2@127.0.0.1:${proxy.port}` }

    expect(await (await createFetch({ env: proxied })(url)).text()).toBe('hello')
    expect(proxy.tunnels).toEqual([
      { to: `127.0.0.1:${server.port}`, authorization: `Basic ${Buffer.from('ada:hunter2').toString('base64')}` },
    ])
    expect(await (await createFetch({ env: { ...proxied, NO_PROXY: '127.0.0.1' } })(url)).text()).toBe('hello')
    expect(await (await createFetch({ env: {} })(url)).text()).toBe('hello')
    expect(proxy.tunnels).toHaveLength(1)
  })

  test('trusts the certificates that it is given, through a proxy too, and no others', async () => {
    await using proxy = await startProxy()
    const { key, cert } = makeCertificate(folder)
    await using server = await listen(createTlsServer({ key, cert }, (_, response) => response.end('hello')))
    const url = `https://127.0.0.1:${server.port}/`
    const proxied = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }

    expect(await (await createFetch({ env: {}, certificates: [cert] })(url)).text()).toBe('hello')
    expect(await (await createFetch({ env: proxied, certificates: [cert] })(url)).text()).toBe('hello')
    expect(proxy.tunnels).toHaveLength(1)
    await expect(createFetch({ env: {} })(url)).rejects.toMatchObject({
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
  })

  test.each(['proxy.example:3128', 'socks5://proxy.example', 'http://'])(
    'refuses the proxy %s by the name of its variable',
    (proxy) => {
      expect(() => createFetch({ env: { https_proxy: proxy } })).toThrow(
        expect.objectContaining({
          code: 'CONFIG_INVALID',
          message: 'the environment variable HTTPS_PROXY is not the http: or https: URL of a proxy',
        }),
      )
    },
  )
})
