import { startAgent, type Agent } from '@vesemir/testing/start-agent'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { socketPath } from '../../infra/fleet/fleet-state.ts'
import { askHaproxy } from '../../infra/fleet/haproxy-socket.ts'
import { pickNetwork } from '../../infra/fleet/listeners.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { ends, followToEnd, followUntil, startsStep } from '../faults/follow.ts'
import { startDeployment } from '../faults/start-deployment.ts'
import { startSystem, type System } from '../support/start-system.ts'

// By what else than its own plain check HAProxy tells whether a server gets traffic.

const network = pickNetwork()
const hosts = [1, 2]
const ports = { agents: 9101, followers: 9102, slots: 9103, slow: 9104 }
const check = 'check inter 100ms rise 2 fall 2'

let agent: Agent
let system: System
beforeAll(async () => {
  agent = await startAgent('ready up 100%')
  system = await startSystem({
    fleet: { network, hosts: hosts.length, boxes: 1, haproxy: { extraBackends: backends() } },
  })
})
afterAll(() => Promise.all([system, agent].map((part) => part?.[Symbol.asyncDispose]())))

function backends(): string[] {
  const servers = (options: (host: number) => string) =>
    hosts.map((host) => `  server web-${host} ${network}.1.${host}:8080 weight 100 ${options(host)}`)
  const healthz = '  option httpchk GET /healthz'
  return [
    ...Object.entries(ports).flatMap(([name, port]) => [
      `frontend ${name}-in`,
      `  bind ${network}.2.1:${port}`,
      `  default_backend ${name}`,
    ]),
    'backend agents',
    healthz,
    ...servers(() => `${check} agent-check agent-addr 127.0.0.1 agent-port ${agent.port} agent-inter 50ms`),
    // Seen as down by the first check of a restart, and as up long after the host is healthy.
    'backend checks',
    healthz,
    ...servers(() => 'check inter 200ms rise 6 fall 1'),
    'backend followers',
    ...servers((host) => `track checks/web-${host}`),
    'backend slots',
    healthz,
    ...servers(() => check),
    `  server-template spare 6 127.0.0.1:9 ${check} disabled`,
    'backend slow',
    '  cookie SRV insert',
    healthz,
    ...servers(() => 'check inter 1s rise 4 fall 1'),
  ]
}

/** Starts a deployment through one of the backends alone; the others get no traffic here. */
const start = (backend: keyof typeof ports, given: Omit<Parameters<typeof startDeployment>[1], 'concurrency'>) =>
  startDeployment(system, {
    concurrency: 1,
    ...given,
    loadBalancer: { backends: [backend], otherServers: 'ignore', ...given.loadBalancer },
  })
const loadOn = (backend: keyof typeof ports) =>
  startLoad({ urls: [`http://${network}.2.1:${ports[backend]}`], requestsPerSecond: 40 })
const succeeded = hosts.map((host) => `web-${host} succeeded restored`)

test('an agent that answers "ready" undoes no drain, and is asked again afterwards: no request fails', async () => {
  await using load = loadOn('agents')
  const id = await start('agents', { version: '1.0.0', behaviour: { warmupMs: 1000 } })

  const { view, events } = await followToEnd(system, id)
  const { asked } = agent

  expect(ends(view)).toEqual(succeeded)
  expect(events.filter(({ type }) => type === 'servers.returned')).toEqual([])
  await expect.poll(() => agent.asked).toBeGreaterThan(asked + 2 * hosts.length)
  expect((await load.stop()).failures).toEqual({})
})

test('an agent that a reload has asked again does not put a host back that failed', async () => {
  const settings = { hosts: { tags: ['web'], only: ['web-1'] } }
  const id = await start('agents', { version: '1.1.0', behaviour: { unhealthy: true }, settings })
  await followUntil(system, id, startsStep('web-1', 'verify'))
  await system.fleet.reloadBox('lb-1')

  const { view } = await followToEnd(system, id)
  const { asked } = agent
  await expect.poll(() => agent.asked).toBeGreaterThan(asked + 3)
  const states = await askHaproxy(socketPath(system.fleet, 'lb-1'), 'show servers state agents')
  await system.fleet.reloadBox('lb-1')

  expect(ends(view)).toEqual(['web-1 failed drained'])
  expect(states).toMatch(/^\d+ agents 1 web-1 \S+ 0 1 /m)
})

test('a host is not given traffic before the server that its own follows is up: no request fails', async () => {
  await using load = loadOn('followers')
  const id = await start('followers', { version: '2.0.0', behaviour: { warmupMs: 1000 } })

  const { view } = await followToEnd(system, id)

  expect(ends(view)).toEqual(succeeded)
  expect((await load.stop()).failures).toEqual({})
})

test('half of the servers in service are enough for minHealthy: 50%, however many slots are spare', async () => {
  await using load = loadOn('slots')
  const id = await start('slots', { version: '3.0.0', loadBalancer: { minHealthy: '50%', guardTimeout: '2s' } })

  const { view } = await followToEnd(system, id)

  expect(ends(view)).toEqual(succeeded)
  expect((await load.stop()).failures).toEqual({})
})

test('checks that take longer than healthyTimeout are waited for as long as they pass', async () => {
  const settings = { hosts: { tags: ['web'], only: ['web-1'] } }
  const id = await start('slow', { version: '4.0.0', settings, loadBalancer: { healthyTimeout: '2s' } })

  const { view, events } = await followToEnd(system, id)
  const waits = events.flatMap((event) => (event.type === 'step.waiting' ? [event.waitingFor] : []))

  expect(ends(view)).toEqual(succeeded.slice(0, 1))
  expect(waits).toContain('the load balancer to find the host healthy: lb-1 slow/web-1 is down, 3 of 4 checks passed')
})

test('checks that are too rare for healthyTimeout are told from those that fail', async () => {
  const settings = { hosts: { tags: ['web'], only: ['web-1'] } }
  const id = await start('slow', { version: '4.1.0', settings, loadBalancer: { healthyTimeout: '300ms' } })

  const { view } = await followToEnd(system, id)

  const message = expect.stringMatching(/is down, \d of 4 checks passed, and no further check ended within 0.3 s/)
  expect(view.hosts[0]!.state).toMatchObject({ failure: { code: 'SERVER_UNHEALTHY', message: message as string } })
})

test('a probe proves a host that would have to wait for its checks: no request fails', async () => {
  await using load = loadOn('slow')
  const id = await start('slow', { version: '5.0.0', behaviour: { warmupMs: 1000 }, loadBalancer: { proof: 'probe' } })

  const { view, events } = await followToEnd(system, id)
  const enabled = events.flatMap((event) =>
    event.type === 'step.ended' && event.step === 'enable' ? [event.durationMs] : [],
  )

  expect(ends(view)).toEqual(succeeded)
  expect(Math.max(...enabled)).toBeLessThan(1000)
  expect((await load.stop()).failures).toEqual({})
})
