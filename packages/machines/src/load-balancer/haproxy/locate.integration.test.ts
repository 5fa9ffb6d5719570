import type { ServerRef } from '@vesemir/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { haproxyPrograms } from '@vesemir/testing/haproxy-programs'
import { startBox, type TestBox } from './testing/start-box.ts'

const proxies = `backend app
  server web-1 192.0.2.1:8080
  server web-2 192.0.2.2:8080
  server web-2-second 192.0.2.2:8081
  server web03 192.0.2.3:8080
  server WEB-4.Example 192.0.2.44:8080
  server six [2001:db8::6]:8080
  server-template spare 2 192.0.2.99:8080
backend admin
  server web-2 192.0.2.2:9000
  server WEB-4.example 192.0.2.44:9000
backend empty`

const aHost = (name: string, address: string) => ({ name, address, port: 22, user: 'deploy', hostKeys: [] })
const names = (servers: readonly ServerRef[]) => servers.map(({ backend, server }) => `${backend}/${server}`)

describe.each(haproxyPrograms)('HAProxy $version: a host', (program) => {
  let box: TestBox
  beforeAll(async () => {
    box = await startBox(proxies, { program })
  })
  afterAll(() => box[Symbol.asyncDispose]())

  async function locate(
    host: ReturnType<typeof aHost>,
    settings: { backends?: string[]; serverPort?: number } = {},
  ): Promise<Record<'servers' | 'byName' | 'others', string[]>> {
    await using connected = box.connect()
    const { hosts } = await (await connected.open(settings)).locate([host])
    const [{ servers, byName, others }] = hosts as [(typeof hosts)[0]]
    return { servers: names(servers), byName: names(byName), others: names(others) }
  }

  test('is every server at its address, in all listed backends, and others there are reported', async () => {
    const host = aHost('web-2', '192.0.2.2')

    expect(await locate(host)).toEqual({
      servers: ['app/web-2', 'app/web-2-second'],
      byName: [],
      others: ['admin/web-2'],
    })
    expect(await locate(host, { backends: ['admin', 'app'] })).toEqual({
      servers: ['admin/web-2', 'app/web-2', 'app/web-2-second'],
      byName: [],
      others: [],
    })
  })

  test('is those at the port alone where one is set, whatever they are called', async () => {
    const found = await locate(aHost('web-2', '192.0.2.2'), { serverPort: 8081 })

    expect(found).toEqual({ servers: ['app/web-2-second'], byName: [], others: ['app/web-2', 'admin/web-2'] })
  })

  test('is found by its address when a server of its name is another machine', async () => {
    expect(await locate(aHost('web-1', '192.0.2.2'))).toMatchObject({
      servers: ['app/web-2', 'app/web-2-second'],
      byName: [],
    })
  })

  test.each([
    ['a short name', 'web03.eu.example', ['app/web03'], []],
    ['another case', 'web-4.EXAMPLE', ['app/WEB-4.Example'], ['admin/WEB-4.example']],
    ['a long name', 'web-4', ['app/WEB-4.Example'], ['admin/WEB-4.example']],
  ])('is found by its name: %s', async (_, name, servers, others) => {
    expect(await locate(aHost(name, '198.51.100.1'))).toEqual({ servers, byName: servers, others })
  })

  test('is found by an IPv6 address in another form', async () => {
    expect(await locate(aHost('web-6', '2001:0DB8:0:0::6'))).toMatchObject({ servers: ['app/six'] })
  })

  test('has its servers with what they stand for', async () => {
    await using connected = box.connect()
    const session = await connected.open()

    const { hosts } = await session.locate([aHost('six', '2001:db8::6')])
    const [now] = await session.read(hosts[0]!.servers)
    await box.haproxy.ask('set server app/six addr 192.0.2.6 port 8081')
    const [moved] = await session.read(hosts[0]!.servers)

    expect(hosts[0]!.servers).toMatchObject([{ endpoint: { address: '2001:db8::6', port: 8080 } }])
    expect(now).toMatchObject({ endpoint: { address: '2001:db8::6', port: 8080 } })
    expect(moved).toMatchObject({ endpoint: { address: '192.0.2.6', port: 8081 } })
  })

  test('is told a backend that there is not, and none that has no servers', async () => {
    await using connected = box.connect()
    const session = await connected.open({ backends: ['app', 'empty', 'App'] })

    const { missing } = await session.locate([aHost('web-1', '192.0.2.1')])

    expect(missing).toEqual([{ box: box.name, backend: 'App' }])
  })
})
