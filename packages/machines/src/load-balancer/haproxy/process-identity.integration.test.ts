import { randomUUID } from 'node:crypto'
import { holdLeftServer, type LoadBalancerSession } from '@vesemir/core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { createJournal } from '@vesemir/store/journal'
import { testSeals } from '@vesemir/store/seal/testing'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { haproxyPrograms, type HaproxyProgram } from '@vesemir/testing/haproxy-programs'
import { startBox, type TestBox } from './testing/start-box.ts'
import { mayHavePidNamespace } from '@vesemir/testing/start-haproxy'

const proxies = `backend app
  server web-1 127.0.0.1:1 weight 100`

const never = new AbortController().signal

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

const pidOf = async ({ haproxy }: TestBox) => /^Pid: (\d+)$/m.exec(await haproxy.ask('show info'))?.[1]

/** HAProxy tells its start in whole seconds: one that is restarted within its first is not told from the one before. */
const untilASecondOld = ({ haproxy }: TestBox) =>
  vi.waitFor(async () => expect(await haproxy.ask('show info')).toMatch(/^Uptime_sec: [1-9]/m), { timeout: 5000 })

/** A server that a walk has left held out of rotation, in a real journal. */
async function leaveOut(session: LoadBalancerSession, box: TestBox) {
  const journal = createJournal(redis.connect(), {
    clock: createSystemClock(),
    seals: testSeals().worker,
    cluster: 'eu',
    prefix: randomUUID(),
  })
  const by = { deploymentId: 'd-1', host: 'web-1' }
  const servers = await session.read([{ box: box.name, backend: 'app', server: 'web-1' }])
  const noted = servers.map((server) => ({ server, weights: [server.weight] }))
  await journal.note(noted, by)
  await session.hold(servers)
  await journal.leave(servers, by)
  const look = async () => {
    const [left] = await journal.listLeft()
    return left && holdLeftServer(left, { balancer: session, journal, isBeingPutBack: async () => false }, never)
  }
  return { servers, look, admins: async () => (await session.read(servers)).map(({ admin }) => admin) }
}

describe.skipIf(!mayHavePidNamespace)(
  'restarted with the same process id (tested as root, where PID namespaces are allowed)',
  () => {
    const start = (program: HaproxyProgram) => startBox(proxies, { program, hasPidNamespace: true })

    test.each(haproxyPrograms)(
      'HAProxy $version is another process, and what it forgot is noticed',
      async (program) => {
        await using box = await start(program)
        await using connected = box.connect()
        const session = await connected.open()
        const web1 = { box: box.name, backend: 'app', server: 'web-1' }
        await session.drain([web1])
        const [pid, process] = [await pidOf(box), await session.readProcess(box.name)]
        await untilASecondOld(box)
        const reloaded = session.untilReloaded([web1], { noticeMs: 20, signal: AbortSignal.timeout(10_000) })

        await box.haproxy.restart()

        await reloaded
        expect(await pidOf(box)).toBe(pid)
        expect(await session.readProcess(box.name)).not.toBe(process)
        expect(await session.read([web1])).toMatchObject([{ admin: 'ready' }])
      },
    )

    test.each(haproxyPrograms)('HAProxy $version has a left server held again', async (program) => {
      await using box = await start(program)
      await using connected = box.connect()
      const left = await leaveOut(await connected.open(), box)
      expect(await left.look()).toBe('held')
      await untilASecondOld(box)

      await box.haproxy.restart()

      expect(await left.admins()).toEqual(['ready'])
      expect(await left.look()).toBe('held-again')
      expect(await left.admins()).toEqual(['maint'])
      expect(await left.look()).toBe('held')
    })
  },
)

test.each(haproxyPrograms)('HAProxy $version has one name on every connection, as long as it runs', async (program) => {
  await using box = await startBox(proxies, { program })
  const readName = async () => {
    await using connected = box.connect()
    const session = await connected.open()
    return await session.readProcess(box.name)
  }

  const before = await readName()
  await untilASecondOld(box)
  const names = await Promise.all(Array.from({ length: 10 }, readName))

  expect(new Set([before, ...names]).size).toBe(1)
  expect(before).toMatch(/^\S+ \d+ \d+$/)
})

test('a server that a person has put back is left to them, also after the connection was lost', async () => {
  await using box = await startBox(proxies)
  await using connected = box.connect()
  const left = await leaveOut(await connected.open(), box)
  expect(await left.look()).toBe('held')

  await box.haproxy.ask('set server app/web-1 state ready')
  await using later = box.connect()
  const session = await later.open()

  expect(await session.readProcess(box.name)).toBe(await (await connected.open()).readProcess(box.name))
  expect(await left.look()).toBe('taken-back')
})

test('another HAProxy at the same socket, and another node, are other processes', async () => {
  const names = new Set<string>()
  for (const program of haproxyPrograms)
    for (const node of ['lb-a', 'lb-b']) {
      await using box = await startBox(proxies, { program, global: [`node ${node}`] })
      await using connected = box.connect()
      names.add((await (await connected.open()).readProcess(box.name)).replace(/ \d+$/, ''))
    }

  expect(names.size).toBe(2 * haproxyPrograms.length)
})
