import type { DeploymentEvent } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { socketPath } from '../../infra/fleet/fleet-state.ts'
import { askHaproxy } from '../../infra/fleet/haproxy-socket.ts'
import { pickNetwork } from '../../infra/fleet/listeners.ts'
import { startLoad } from '../../infra/load/start-load.ts'
import { ends, followToEnd, followUntil, startsStep } from '../faults/follow.ts'
import { startDeployment } from '../faults/start-deployment.ts'
import { deploy } from '../support/deploy.ts'
import { startSystem, type System } from '../support/start-system.ts'

// What HAProxy's configuration really looks like: machines that are several servers, slots that move.

const network = pickNetwork()
const widePort = 9100
const hosts = [1, 2, 3, 4]
const addressOf = (host: number) => `${network}.1.${host}:8080`

let system: System
beforeAll(async () => {
  const check = 'check inter 200ms rise 2 fall 3 weight 100'
  system = await startSystem({
    fleet: {
      network,
      hosts: hosts.length,
      boxes: 1,
      haproxy: {
        // Else a server whose address changes goes on with idle connections to the old one.
        backendLines: ['option http-server-close'],
        extraBackends: [
          'frontend wide-in',
          `  bind ${network}.2.1:${widePort}`,
          '  default_backend wide',
          'backend wide',
          '  option httpchk GET /healthz',
          ...hosts.flatMap((host) => [
            `  server first-${host} ${addressOf(host)} ${check}`,
            `  server second-${host} ${addressOf(host)} ${check}`,
          ]),
        ],
      },
    },
  })
})
afterAll(() => system?.[Symbol.asyncDispose]())

const urls = () => [...system.fleet.frontends, `http://${network}.2.1:${widePort}`]
const ask = (command: string) => askHaproxy(socketPath(system.fleet, 'lb-1'), command)
const located = (events: readonly DeploymentEvent[]) =>
  events.flatMap((event) => (event.type === 'servers.located' ? [event.cause] : []))

test('a machine that is also a server of a backend that is not listed is refused before anything is drained, and may be accepted', async () => {
  await system.release('1.0.0')
  const refused = await deploy(system, '1.0.0')
  const accepted = await deploy(system, '1.0.0', '--set', 'loadBalancer.otherServers=ignore')

  const others = `web-1 is also lb-1 wide/first-1 (${addressOf(1)}), lb-1 wide/second-1 (${addressOf(1)})`
  expect(refused.view!.deployment.state).toMatchObject({
    failure: { code: 'SERVER_NOT_LISTED', message: expect.stringContaining(others) as string },
  })
  expect(refused.view!.hosts).toEqual([])
  expect(accepted.view!.deployment.state.status).toBe('succeeded')
  expect(accepted.view!.deployment.plan!.warnings).toContainEqual(expect.stringContaining(others))
})

test('all servers of a machine are drained, in all listed backends: no request fails', async () => {
  await using load = startLoad({ urls: urls(), requestsPerSecond: 40 })
  const loadBalancer = { backends: ['payments', 'wide'] }
  const id = await startDeployment(system, { version: '2.0.0', concurrency: 1, loadBalancer })

  const { view } = await followToEnd(system, id)

  expect(ends(view)).toEqual(hosts.map((host) => `web-${host} succeeded restored`))
  expect(view.hosts[0]!.servers.map(({ server }) => server)).toEqual(['web-1', 'first-1', 'second-1'])
  expect((await load.stop()).failures).toEqual({})
})

test('servers whose addresses have changed places since the plan are found again before the drain: no request fails', async () => {
  await using load = startLoad({ urls: urls(), requestsPerSecond: 40 })
  const loadBalancer = { backends: ['payments', 'wide'], degradationTime: '2s' }
  const id = await startDeployment(system, { version: '3.0.0', concurrency: 1, loadBalancer })
  await followUntil(system, id, startsStep('web-1', 'soak'))
  for (const [slot, host] of [
    [3, 4],
    [4, 3],
  ])
    await ask(`set server payments/web-${slot} addr ${network}.1.${host} port 8080`)

  const { view, events } = await followToEnd(system, id)

  expect(ends(view)).toEqual(hosts.map((host) => `web-${host} succeeded restored`))
  expect(located(events)).toEqual([
    expect.stringContaining('now lb-1 payments/web-4, lb-1 wide/first-3, lb-1 wide/second-3'),
    expect.stringContaining('now lb-1 payments/web-3, lb-1 wide/first-4, lb-1 wide/second-4'),
  ])
  expect((await load.stop()).failures).toEqual({})
})

test('a walk stops when its server stands for another machine, and the journal’s servers are compared before they are put back', async () => {
  const loadBalancer = { backends: ['payments', 'wide'], degradationTime: '10s' }
  const settings = { hosts: { tags: ['web'], only: ['web-1'] } }
  const id = await startDeployment(system, { version: '4.0.0', concurrency: 1, loadBalancer, settings })
  await followUntil(system, id, startsStep('web-1', 'soak'))
  await ask(`set server payments/web-1 addr ${network}.1.2 port 8080`)

  const { view } = await followToEnd(system, id)
  const doctor = await system.cli('lb', 'doctor', '--cluster', 'local', '--fix')
  const weight = await ask('get weight payments/web-1')

  const move = `lb-1 payments/web-1 moved from ${addressOf(1)} to ${addressOf(2)}`
  expect(view.hosts[0]!.state).toMatchObject({
    status: 'failed',
    traffic: 'unknown',
    failure: { code: 'SERVER_MOVED', message: expect.stringContaining(move) as string },
  })
  expect(doctor.stdout).toContain(move)
  expect(weight).toContain('30 (initial 100)')
})
