import type {
  DeploymentEvent,
  DeploymentFact,
  DeploymentSpec,
  DeploymentView,
  HostFact,
  LogFact,
  Plan,
} from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { applyEvent } from '@vesemir/core'

type Fact = DeploymentFact | HostFact | LogFact

const startMs = Date.parse('2026-03-01T15:04:00.000Z')

/** When the event with this number happened, in ms: one a second. */
export function momentOf(seq: number): number {
  return startMs + seq * 1000
}

/** Makes events of facts, numbered from 1. */
export function eventsOf(...facts: Fact[]): DeploymentEvent[] {
  return facts.map((fact, index) => ({ ...fact, seq: index + 1, at: new Date(momentOf(index + 1)).toISOString() }))
}

export function viewOf(...facts: Fact[]): DeploymentView {
  return eventsOf(...facts).reduce<DeploymentView | undefined>(applyEvent, undefined)!
}

export function queued(changes: Partial<DeploymentSpec> = {}): Fact {
  const spec = aSpec({ cluster: 'eu', ...changes })
  return { type: 'deployment.queued', id: 'd-42', requestedBy: 'ada', spec }
}

/** A plan with these hosts in each wave, two at once. */
export function planned(...waves: string[][]): Fact {
  const plan: Plan = {
    hosts: waves.flatMap((names, index) =>
      names.map((name) => ({
        target: { name, address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [] },
        servers: [],
        wave: index + 1,
      })),
    ),
    boxes: [],
    concurrency: 2,
    waves: waves.map((names) => ({ hosts: names.length, concurrency: 2 })),
    release: { strategy: 'command', id: '2.0.0-ab12' },
    warnings: [],
  }
  return { type: 'deployment.planned', plan }
}

/** A host that has taken `durationMs` in one step and succeeded. */
export function done(host: string, durationMs = 60_000): Fact[] {
  return [
    { type: 'step.started', host, step: 'deploy' },
    { type: 'step.ended', host, step: 'deploy', outcome: 'succeeded', durationMs },
    { type: 'release.introduced', host, release: '2.0.0-ab12', previous: '1.9.0-77aa' },
    { type: 'host.ended', host, outcome: 'succeeded', traffic: 'restored' },
  ]
}

export const unhealthy = { code: 'HEALTH_CHECK_FAILED', message: 'web-1 was not healthy in 60s', hint: 'Read its log.' }

export function failed(host: string): Fact[] {
  return [
    { type: 'step.started', host, step: 'verify' },
    { type: 'release.introduced', host, release: '2.0.0-ab12', previous: '1.9.0-77aa' },
    { type: 'host.ended', host, outcome: 'failed', traffic: 'drained', failure: unhealthy },
  ]
}
