import type { ServerRef } from '@vesemir/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LoadBalancerSession } from '@vesemir/core'
import { haproxyPrograms } from '@vesemir/testing/haproxy-programs'
import { startApp, type App } from '@vesemir/testing/start-app'
import { startBox, type Connected, type TestBox } from './testing/start-box.ts'

describe.each(haproxyPrograms)('a server of HAProxy $version, read by its statistics', (program) => {
  let app: App
  let box: TestBox
  let connected: Connected
  let session: LoadBalancerSession

  beforeAll(async () => {
    app = await startApp()
    const checked = `127.0.0.1:${app.port} check inter 30ms rise 2 fall 3 weight 100`
    box = await startBox(
      `backend app
  server web-1 ${checked}
  server web-2 127.0.0.1:${app.port} weight 10 maxconn 7
  server web-3 ${checked} slowstart 60s
  server web-4 127.0.0.1:${app.port} track app/web-1
  server spare ${checked} backup
backend dead
  server web-1 127.0.0.1:1 check inter 30ms rise 2 fall 3`,
      { program },
    )
    await box.haproxy.untilShown(/^app,web-1,.*L4OK/m)
  })
  afterAll(async () => {
    await Promise.all([box, app].map((part) => part[Symbol.asyncDispose]()))
  })
  beforeEach(async () => {
    connected = box.connect()
    session = await connected.open()
    await session.read(servers())
  })
  afterEach(async () => {
    await connected[Symbol.asyncDispose]()
    await box.haproxy.reload()
  })

  const server = (name: string): ServerRef => ({ box: box.name, backend: 'app', server: name })
  const servers = () => ['web-1', 'web-2', 'web-3', 'web-4', 'spare'].map(server)

  test.for([
    ['as it began', []],
    ['drained', ['web-1 state drain', 'web-2 state drain', 'spare state drain']],
    ['in maintenance', ['web-1 state maint', 'web-2 state maint']],
    ['with another weight', ['web-1 weight 50', 'web-2 weight 5']],
    ['of no weight', ['web-1 weight 0']],
    ['given a weight in maintenance', ['web-1 state maint', 'web-1 weight 30']],
    ['fresh out of maintenance', ['web-1 state maint', 'web-1 state drain']],
    ['taken for down', ['web-2 state drain', 'web-2 health down']],
    ['that starts slowly', ['web-3 state maint', 'web-3 state ready']],
    ['that is stopping', ['web-2 health stopping']],
  ] as const)('is as its table says, %s', async ([, changes]) => {
    for (const change of changes) await box.haproxy.ask(`set server app/${change}`)

    // A check may pass between the two.
    await vi.waitFor(async () => {
      const [byTables, byStatistics] = await Promise.all([session.readPeers(servers()), session.read(servers())])
      expect(byStatistics).toEqual(byTables)
    })
  })

  test.for([
    ['all', [], 4],
    ['not what is drained or has no weight', ['web-1 state drain', 'web-2 weight 0'], 1],
    ['backups never', ['web-1 state maint', 'web-2 state maint', 'web-3 state maint'], 0],
  ] as const)('is counted among those in service: %s', async ([, changes, inService]) => {
    for (const change of changes) await box.haproxy.ask(`set server app/${change}`)

    expect(await session.readAmongPeers([server('web-2')])).toMatchObject([{ server: 'web-2', inService }])
  })

  test('tells how long it has been down, unless it is held out', async () => {
    const dead = { ...server('web-1'), backend: 'dead' }
    const seen = async () => (await session.read([dead]))[0]!
    await vi.waitFor(async () => expect((await seen()).downForSeconds).toBeGreaterThanOrEqual(1), { timeout: 10_000 })
    await box.haproxy.ask('set server dead/web-1 state drain')

    expect(await seen()).toMatchObject({ admin: 'drain', health: 'down' })
    expect(await seen()).not.toHaveProperty('downForSeconds')
  })

  test('tells the load of now of each server, and the limit of those that have one', async () => {
    const figures = await session.readFigures([server('web-1')])

    expect(figures.map(({ server: name, sessionLimit }) => [name, sessionLimit])).toEqual([
      ['web-1', undefined],
      ['web-2', 7],
      ['web-3', undefined],
      ['web-4', undefined],
      ['spare', undefined],
    ])
    expect(figures[0]).toMatchObject({ sessions: 0, sessionsPerSecond: 0 })
  })

  test('tells the same figures by statistics alone, and who gets traffic, after a reload too', async () => {
    const one = [server('web-1')]
    const byTables = await session.readFigures(one)
    for (const change of ['web-1 state drain', 'web-2 weight 0', 'web-3 state maint'])
      await box.haproxy.ask(`set server app/${change}`)
    const drained = await session.readFigures(one)
    await box.haproxy.reload()
    await vi.waitFor(async () =>
      expect((await session.readFigures(one)).every(({ inService }) => inService)).toBe(true),
    )

    const names = (figures: typeof drained) => figures.map((figure) => figure.server)
    expect(names(drained)).toEqual(names(byTables))
    // web-4 follows web-1.
    expect(names(drained.filter(({ inService }) => inService))).toEqual(['spare'])
  })
})
