import { isVesemirError } from '@vesemir/core'
import { LoadBalancer as LoadBalancerSettings } from '@vesemir/contract'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSystemClock } from '@vesemir/process/clock'
import { installedHaproxy } from '@vesemir/testing/haproxy-programs'
import { startHaproxy } from '@vesemir/testing/start-haproxy'
import { createLoadBalancers, LoadBalancersOptions } from '../../load-balancer/index.ts'
import { createSsh } from './create-ssh.ts'
import type { SshOptions } from './ssh-options.ts'
import { failOnLeaks } from '@vesemir/testing/fail-on-leaks'
import { networkObstacle, startNetwork, type Network, type Place } from '@vesemir/testing/start-network'
import { startSshd, type Sshd } from './testing/start-sshd.ts'

const obstacle = networkObstacle()
const loud = ['LogLevel VERBOSE', 'MaxStartups 200', 'MaxSessions 100']

let network: Network
let jump: Sshd
let web1: Sshd
let web2: Sshd
let box: Sshd
beforeAll(async () => {
  if (obstacle !== undefined) return
  network = startNetwork(['web-1', 'web-2', 'lb1'])
  web1 = await startSshd({ ...placeOf('web-1'), settings: loud })
  const authorizedKeys = [readFileSync(`${web1.options.privateKey}.pub`, 'utf8').trim()]
  jump = await startSshd({ ...network.jumpHost, settings: loud, authorizedKeys })
  web2 = await startSshd({ ...placeOf('web-2'), settings: loud, authorizedKeys })
  box = await startSshd({ ...placeOf('lb1'), settings: loud, authorizedKeys })
})
afterAll(async () => {
  if (obstacle !== undefined) return
  await Promise.all([jump, web1, web2, box].map((sshd) => sshd[Symbol.asyncDispose]()))
  network[Symbol.dispose]()
})
failOnLeaks()

function hostPlace(name: string): Place {
  return network.hosts[name]!
}

function placeOf(name: string) {
  return { name, ...hostPlace(name) }
}

function fleetSsh(options: Partial<SshOptions> = {}) {
  const { address, port, hostKeys } = jump.target
  const jumpHosts = [{ address, port, hostKeys, maxConnections: 2 }]
  return createSsh({ ...web1.options, jumpHosts, ...options }, { env: {} })
}

async function failure(running: Promise<unknown>) {
  const outcome = await running.catch((error: unknown) => error)
  if (!isVesemirError(outcome)) throw outcome
  return outcome
}

const logins = () => jump.log().match(/Accepted publickey/g)?.length ?? 0
// Three without an answer: a second at most.
const impatient = { keepAliveInterval: '250ms', connectTimeout: '2s' } as const

test(`hosts in networks of their own: ${obstacle ?? 'tried'}`, () => {
  expect(obstacle === undefined).toBe(network !== undefined)
})

describe.runIf(obstacle === undefined)('hosts behind a jump host', () => {
  test('are reached through it, and in no other way', async () => {
    const direct = failure(createSsh({ ...web1.options, connectTimeout: '1s' }).connect(web1.target))

    await using session = await fleetSsh().connect(web1.target)
    const { stdout } = await session.run('echo "$SSH_CONNECTION"', { timeoutMs: 20_000 })

    // From the jump host's address on the switch.
    const gateway = web1.target.address.replace(/\d+$/, '1')
    expect(stdout).toMatch(new RegExp(`^${gateway} \\d+ ${web1.target.address} `))
    expect((await direct).code).toMatch(/^SSH_(?:UNREACHABLE|TIMED_OUT)$/)
  })

  test('are drained, changed and brought back by a box that is behind it too', async () => {
    await using app = await startAppOn(hostPlace('web-1'))
    const server = `${web1.target.address}:${app.port} namespace ${hostPlace('lb1').namespace}`
    await using haproxy = await startHaproxy(
      `backend app\n  server web-1 ${server} check inter 50ms rise 2 weight 100`,
      { level: 'admin', global: [], program: installedHaproxy },
    )
    await haproxy.untilShown(/^app,web-1,.*L4OK/m)
    const remoteShell = fleetSsh()
    const before = logins()
    const options = LoadBalancersOptions.parse({ haproxy: { socket: haproxy.socket } })
    await using balancers = createLoadBalancers(options, { remoteShell, clock: createSystemClock() })
    const settings = { kind: 'haproxy', boxes: { names: ['lb1'] }, backends: ['app'] }
    await using balancer = await balancers.open([box.target], LoadBalancerSettings.parse(settings))
    await using session = await remoteShell.connect(web1.target)

    const located = await balancer.locate([web1.target])
    const servers = located.hosts.flatMap((host) => host.servers)
    const [drained] = await balancer.drain(servers)
    await session.run(`echo 1.4.2 > ${web1.folder}/version`, { timeoutMs: 20_000 })
    const answer = await session.httpGet({ address: '127.0.0.1', port: app.port, path: '/' }, { timeoutMs: 5000 })
    await balancer.demandProof(servers.map((server) => ({ server, weight: 50 })))
    await haproxy.untilShown(/^app,web-1,(?:[^,]*,){15}DRAIN,/m)
    const [admitted] = await balancer.admit(servers.map((server) => ({ server, weight: 100 })))

    expect(drained).toMatchObject({ admin: 'drain' })
    expect(answer).toMatchObject({ status: 200, body: 'hello' })
    expect(admitted).toMatchObject({ admin: 'ready', weight: 100 })
    expect(readFileSync(`${web1.folder}/version`, 'utf8')).toBe('1.4.2\n')
    expect(logins() - before).toBe(1)
  })

  test('share two connections to it, however many are reached', async () => {
    const before = logins()
    const ssh = fleetSsh({ connectTimeout: '60s' })

    const targets = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? web1.target : web2.target))
    const sessions = await Promise.all(targets.map((target) => ssh.connect(target)))

    expect(logins() - before).toBe(2)
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()))
  })
})

describe.runIf(obstacle === undefined)('a cable that is pulled', () => {
  test.each([
    ['of the host', () => hostPlace('web-1'), /^The SSH connection to web-1 broke: Keepalive timeout$/],
    ['of the jump host', () => network.jumpHost, /^The SSH connection to web-1 /],
  ])('%s in the middle of a command is noticed in time, and named', async (_, machine, words) => {
    const { promise: started, resolve } = Promise.withResolvers<void>()
    await using session = await fleetSsh(impatient).connect(web1.target)
    const running = failure(session.run('echo begun; sleep 60', { timeoutMs: 50_000, onLine: () => resolve() }))
    await started

    const pulledMs = performance.now()
    network.setCable(machine(), 'down')
    const error = await running
    const noticedMs = performance.now() - pulledMs
    network.setCable(machine(), 'up')

    expect(error).toMatchObject({ code: 'SSH_CONNECTION_LOST', message: expect.stringMatching(words) as string })
    expect(noticedMs).toBeLessThan(10_000)
  })

  test.each([
    ['of the host', () => hostPlace('web-2'), /^web-2 \(/],
    ['of the jump host', () => network.jumpHost, /jump host/],
  ])('%s before is told within the time for connecting', async (_, machine, words) => {
    network.setCable(machine(), 'down')
    const error = await failure(fleetSsh(impatient).connect(web2.target))
    network.setCable(machine(), 'up')

    expect(error.code).toMatch(/^SSH_(?:UNREACHABLE|TIMED_OUT)$/)
    expect(error.message).toMatch(words)
  })

  test('and put back lets the same host be reached again', async () => {
    network.setCable(hostPlace('web-1'), 'down')
    network.setCable(hostPlace('web-1'), 'up')

    await using session = await fleetSsh().connect(web1.target)

    expect(await session.run('echo back', { timeoutMs: 20_000 })).toEqual({ stdout: 'back\n' })
  })
})

/** Starts an application on one of the hosts. */
async function startAppOn({ namespace }: Place) {
  const script = `const { createServer } = require('node:http')
const server = createServer((request, response) => response.end('hello'))
server.listen(0, () => console.log(server.address().port))`
  const app = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(app.stdout, 'data')) as [Buffer]
  return {
    port: Number(port),
    async [Symbol.asyncDispose]() {
      app.kill()
      await once(app, 'exit')
    },
  }
}
