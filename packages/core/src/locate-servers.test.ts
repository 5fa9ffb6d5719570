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
      'SERVER_UNKNOWN: app on lb-1 has no server named web-1 or at web-1.example',
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
      'SERVER_AMBIGUOUS: lb-1 app/web-1 (10.0.0.1:80) matches both web-1 and web-2, by name or by address',
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
      'SERVER_MOVED: lb-1 app/web-1 moved from 10.0.0.7:80 to 10.0.0.1:80',
    ],
  ] as const)('are refused when %s', async ([, first, more, message]) => {
    expect(await locate(first as Partial<LocatedHost>, more as object)).toBe(message)
  })

  test('may have others beside them where that is accepted, with a warning', async () => {
    const others = [aServer('web-1', { backend: 'admin' })]

    expect(await locate({ servers: [web1], others }, { otherServers: 'ignore' })).toMatchObject({
      warnings: [
        'web-1 is also lb-1 admin/web-1 (10.0.0.1:80), which loadBalancer does not list: it keeps receiving traffic there',
      ],
    })
  })

  test('that another host is are no others', async () => {
    const second = aServer('web-2')

    expect(await locate({ servers: [web1], others: [second] }, { second: { servers: [second] } })).toMatchObject({
      warnings: [],
    })
  })

  test('cause a warning where only their names are right', async () => {
    expect(await locate({ servers: [web1], byName: [web1] })).toMatchObject({
      warnings: [
        'servers matched by name only, at another address than their host: lb-1 app/web-1 at 10.0.0.1:80 for web-1 (web-1.example)',
      ],
    })
  })
})

describe('backends that not every host or box has', () => {
  const at = (box: string, backend: string, server: string) => ({ ...aServer(server, { backend }), box })
  const boxes = [aTarget('lb-1'), aTarget('lb-2')]

  async function locateIn(backends: unknown[], servers: ServerRef[][], missing: Located['missing'] = []) {
    const settings = HaproxySettings.parse({ kind: 'haproxy', boxes: { tags: ['lb'] }, backends })
    const balancer = { locate: async () => ({ hosts: servers.map((own) => aHost({ servers: own })), missing }) }
    return locateServers(hosts, { boxes, settings, balancer }).catch((error: unknown) => {
      if (!isVesemirError(error)) throw error
      return `${error.code}: ${error.message}`
    })
  }
  const everywhere = (host: string) => [at('lb-1', 'app', host), at('lb-2', 'app', host)]
  const canary = { name: 'canary', hosts: 'some' }
  const sharded = { name: 'app', boxes: 'some' }

  test('may have some hosts alone, and the plan says which', async () => {
    const servers = [
      [...everywhere('web-1'), at('lb-1', 'canary', 'web-1'), at('lb-2', 'canary', 'web-1')],
      everywhere('web-2'),
    ]

    expect(await locateIn(['app', canary], servers)).toEqual({
      servers,
      warnings: ['backend canary has web-1 on lb-1; web-1 on lb-2'],
    })
  })

  test('may be on some boxes alone, each with other hosts', async () => {
    const servers = [[at('lb-1', 'app', 'web-1')], [at('lb-2', 'app', 'web-2')]]

    expect(await locateIn([sharded], servers)).toEqual({
      servers,
      warnings: ['backend app has web-1 on lb-1; web-2 on lb-2'],
    })
  })

  test('may be missing on some boxes', async () => {
    const servers = [[at('lb-1', 'app', 'web-1')], [at('lb-1', 'app', 'web-2')]]

    expect(await locateIn([sharded], servers, [{ box: 'lb-2', backend: 'app' }])).toMatchObject({
      warnings: ['backend app has web-1, web-2 on lb-1; no host on lb-2'],
    })
  })

  test.for([
    [
      'a host is on some boxes of a backend that says all',
      ['app', canary],
      [[...everywhere('web-1'), at('lb-1', 'canary', 'web-1')], everywhere('web-2')],
      [],
      'SERVER_UNKNOWN: canary on lb-2 has no server named web-1',
    ],
    [
      'a host is on no box of a backend that says all hosts',
      [sharded],
      [[at('lb-1', 'app', 'web-1')], []],
      [],
      'SERVER_UNKNOWN: app on every box has no server named web-2',
    ],
    [
      'a host is in no backend at all',
      [{ ...sharded, hosts: 'some' }, canary],
      [[at('lb-1', 'app', 'web-1')], []],
      [],
      'SERVER_UNKNOWN: none of the backends app, canary has a server named web-2',
    ],
    [
      'no box has the backend',
      [sharded],
      [[], []],
      ['lb-1', 'lb-2'].map((box) => ({ box, backend: 'app' })),
      'BACKEND_UNKNOWN: lb-1 has no backend app',
    ],
    [
      'a box lacks a backend that says all boxes',
      ['app', canary],
      [everywhere('web-1'), everywhere('web-2')],
      [{ box: 'lb-2', backend: 'canary' }],
      'BACKEND_UNKNOWN: lb-2 has no backend canary',
    ],
  ] as const)('are refused when %s', async ([, backends, servers, missing, message]) => {
    expect(
      await locateIn(
        [...backends],
        servers.map((own) => [...own]),
        [...missing],
      ),
    ).toContain(message)
  })
})
