import {
  Tasks,
  type DeploymentEvent,
  type DeploymentFact,
  type DeploymentView,
  type Fact,
  type ServerState,
} from '@vesemir/contract'
import { aServer as inService, aSpec } from '@vesemir/contract/testing'
import { applyEvent } from '@vesemir/core'

/** Makes events of facts: numbered from 1, one a second from 15:04:01 UTC on. */
export function eventsOf(facts: readonly Fact[]): DeploymentEvent[] {
  const startMs = Date.parse('2026-03-01T15:04:00.000Z')
  return facts.map((fact, index) => ({
    ...fact,
    seq: index + 1,
    at: new Date(startMs + (index + 1) * 1000).toISOString(),
  }))
}

/** Folds events to the view after each: what a viewer is given. */
export function viewsOf(events: readonly DeploymentEvent[]): { event: DeploymentEvent; view: DeploymentView }[] {
  let view: DeploymentView | undefined
  return events.map((event) => ({ event, view: (view = applyEvent(view, event)) }))
}

export function viewOf(facts: readonly Fact[]): DeploymentView {
  return viewsOf(eventsOf(facts)).at(-1)!.view
}

export const queued: Extract<DeploymentFact, { type: 'deployment.queued' }> = {
  type: 'deployment.queued',
  id: 'd-42',
  requestedBy: 'ada',
  spec: aSpec({
    reason: 'hotfix',
    team: 'shop',
    cluster: 'gcp-eu',
    concurrency: 2,
    changeset: { strategy: 'command', commands: ['true'], timeout: '1m' },
    service: { restart: 'sv restart payments', timeout: '60s' },
    healthCheck: { kind: 'tcp', port: 80, interval: '1s', timeout: '1s', deadline: '9s', successes: 1 },
  }),
}

/** The request, with tasks to be done once. */
export function queuedWith(tasks: readonly object[]): Fact {
  return { ...queued, spec: { ...queued.spec, tasks: Tasks.parse(tasks) } }
}

export const claimed: Fact = { type: 'deployment.claimed', attempt: 1, worker: 'worker-1' }

export function planned(...names: string[]): Extract<DeploymentFact, { type: 'deployment.planned' }> {
  return {
    type: 'deployment.planned',
    plan: {
      hosts: names.map((name) => ({ target: aTarget(name), servers: [], wave: 1 })),
      boxes: [aTarget('lb1'), aTarget('lb2')],
      concurrency: 2,
      waves: [{ hosts: names.length, concurrency: 2 }],
      release: { strategy: 'command', id: '2.0.0-ab12' },
      warnings: [],
    },
  }
}

function aTarget(name: string) {
  return { name, address: '127.0.0.1', port: 22, user: 'deploy', hostKeys: [] }
}

export function aServer(changes: Partial<ServerState> = {}): ServerState {
  return inService('web-1', { backend: 'payments', ...changes })
}

/** Two hosts: one goes through, the health check of the other never passes. */
export const failedStory: readonly Fact[] = [
  queued,
  claimed,
  planned('web-1', 'web-2', 'web-3'),
  { type: 'host.claimed', host: 'web-1', attempt: 1, worker: 'worker-1' },
  { type: 'step.started', host: 'web-1', step: 'connect' },
  { type: 'step.ended', host: 'web-1', step: 'connect', outcome: 'succeeded', durationMs: 210 },
  { type: 'step.started', host: 'web-1', step: 'drain' },
  {
    type: 'servers.seen',
    host: 'web-1',
    servers: [aServer({ admin: 'drain', sessions: 3 }), aServer({ box: 'lb2', admin: 'drain', sessions: 1 })],
  },
  { type: 'step.waiting', host: 'web-1', step: 'drain', waitingFor: 'sessions to end: 2 on lb1 payments/web-1' },
  {
    type: 'step.ended',
    host: 'web-1',
    step: 'drain',
    outcome: 'succeeded',
    durationMs: 4120,
    note: '4 sessions ended',
  },
  { type: 'step.started', host: 'web-1', step: 'deploy' },
  { type: 'host.claimed', host: 'web-2', attempt: 2, worker: 'worker-2' },
  { type: 'step.started', host: 'web-2', step: 'verify' },
  {
    type: 'log.appended',
    host: 'web-1',
    step: 'deploy',
    lines: [
      { stream: 'stdout', text: 'unpacked' },
      { stream: 'stderr', text: '\u001b]0;owned\u0007warning\u001b[2J: \u009b31mslow\r\tdisk' },
    ],
  },
  { type: 'release.introduced', host: 'web-1', release: '2.0.0-ab12', previous: '1.9.0-77aa' },
  { type: 'step.ended', host: 'web-1', step: 'deploy', outcome: 'succeeded', durationMs: 3900, note: 'unpacked again' },
  { type: 'step.started', host: 'web-1', step: 'restart' },
  {
    type: 'step.ended',
    host: 'web-2',
    step: 'verify',
    outcome: 'failed',
    durationMs: 60_000,
    note: 'web-2 was not healthy in 60s',
  },
  {
    type: 'host.ended',
    host: 'web-2',
    outcome: 'failed',
    traffic: 'drained',
    failure: {
      code: 'HEALTH_CHECK_FAILED',
      message: 'web-2 was not healthy in 60s',
      hint: "Read the step's output: vesemir logs ID --host HOST",
    },
  },
  { type: 'host.ended', host: 'web-1', outcome: 'succeeded', traffic: 'restored' },
  {
    type: 'deployment.ended',
    outcome: 'failed',
    failure: {
      code: 'HOSTS_FAILED',
      message: 'hosts: 1 failed, 1 not started, 1 succeeded',
      hint: 'See why: vesemir status ID.',
    },
  },
]
