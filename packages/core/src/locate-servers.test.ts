import { HaproxySettings, type ServerRef } from '@vesemir/contract'
import { describe, expect, test } from 'vitest'
import { isVesemirError } from './errors.ts'
import { locateServers } from './locate-servers.ts'
import type { Located, LocatedHost } from './ports/load-balancer.ts'
import { aTarget } from './testing/simulated-fleet.ts'

const hosts = [aTarget('web-1'), aTarget('web-2')]

function aServer(server: string, { backend = 'app', address = '10.0.0.1' } = {}): ServerRef {
  return { box: 'lb-1', backend, server, endpoint: { address, port: 80 } }
}

const aHost = (given: Partial<LocatedHost>): LocatedHost => ({ servers: [], byName: [], others: [], ...given })

/** What becomes of two hosts that the box shows so. */
async function locate(
  first: Partial<LocatedHost>,
  {
    second = { servers: [aServer('web-2', { address: '10.0.0.2' })] },
    missing = [],
    known = [],
    otherServers = 'refuse',
  }: { second?: Partial<LocatedHost>; known?: ServerRef[]; otherServers?: string } & Partial<Located> = {},
) {
  const settings = HaproxySettings.parse({
    kind: 'haproxy',
    boxes: { tags: ['lb'] },
    backends: ['app'],
    otherServers,
  })
  const balancer = { locate: async () => ({ hosts: [aHost(first), aHost(second)], missing }) }
  try {
    return await locateServers(hosts, { boxes: [aTarget('lb-1')], settings, balancer, known })
  } catch (error) {
    if (!isVesemirError(error)) throw error
    return `${error.code}: ${error.message}`
  }
}

const web1 = aServer('web-1')

describe('the servers of hosts', () => {
  test('are all that stand for them', async () => {
    const servers = [web1, aServer('web-1b')]

    expect(await locate({ servers })).toMatchObject({ servers: [servers, [{ server: 'web-2' }]], warnings: [] })
  })

  test.for([
    [
      'no server stands for a host',
      {},
      {},
      'SERVER_UNKNOWN: app on lb-1 has no server called web-1 or at web-1.example',
    ],
    [
      'there is no such backend',
      { servers: [web1] },
      { missing: [{ box: 'lb-1', backend: 'app' }] },
      'BACKEND_UNKNOWN: lb-1 has no backend app',
    ],
    [
      'one stands for two hosts',
      { servers: [web1] },
      { second: { servers: [web1] } },
      'SERVER_AMBIGUOUS: lb-1 app/web-1 (10.0.0.1:80) stands for web-1 and for web-2, by name or by address',
    ],
    [
      'a host is another server besides',
      { servers: [web1], others: [aServer('web-1', { backend: 'admin' })] },
      {},
      'SERVER_NOT_LISTED: web-1 is also lb-1 admin/web-1 (10.0.0.1:80), which loadBalancer does not list',
    ],
    [
      'a server with the name alone stands for something else than before',
      { servers: [web1], byName: [web1] },
      { known: [aServer('web-1', { address: '10.0.0.7' })] },
      'SERVER_MOVED: lb-1 app/web-1 stood for 10.0.0.7:80, and stands for 10.0.0.1:80 now',
    ],
  ] as const)('are refused when %s', async ([, first, more, message]) => {
    expect(await locate(first as Partial<LocatedHost>, more as object)).toBe(message)
  })

  test('may have others beside them where that is accepted, which is told', async () => {
    const others = [aServer('web-1', { backend: 'admin' })]

    expect(await locate({ servers: [web1], others }, { otherServers: 'ignore' })).toMatchObject({
      warnings: [
        'web-1 is also lb-1 admin/web-1 (10.0.0.1:80), which loadBalancer does not list: it keeps its traffic there',
      ],
    })
  })

  test('that another host is are no others', async () => {
    const second = aServer('web-2')

    expect(await locate({ servers: [web1], others: [second] }, { second: { servers: [second] } })).toMatchObject({
      warnings: [],
    })
  })

  test('are told where only their names are right', async () => {
    expect(await locate({ servers: [web1], byName: [web1] })).toMatchObject({
      warnings: [
        'servers found by name alone, at other addresses than their hosts: lb-1 app/web-1 at 10.0.0.1:80 for web-1 (web-1.example)',
      ],
    })
  })
})
