import type { DeploymentEvent, DeploymentView, Fact } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { applyEvent } from '../apply-event.ts'

type FactOf<Type extends Fact['type']> = Extract<Fact, { type: Type }>

const startMs = Date.parse('2026-03-01T15:04:00.000Z')

/** Returns when the event with this number happened, in ms: one a second. */
export function momentOf(seq: number): number {
  return startMs + seq * 1000
}

/** Makes events of facts, numbered from 1. */
export function eventsOf(...facts: Fact[]): DeploymentEvent[] {
  return facts.map((fact, index) => ({ ...fact, seq: index + 1, at: new Date(momentOf(index + 1)).toISOString() }))
}

/** Returns the deployment after these facts. */
export function viewOf(...facts: Fact[]): DeploymentView {
  return eventsOf(...facts).reduce<DeploymentView | undefined>(applyEvent, undefined)!
}

/** Returns the request of payments 2.0.0 to production as d-42. */
export function queued(changes: Parameters<typeof aSpec>[0] = {}): FactOf<'deployment.queued'> {
  return { type: 'deployment.queued', id: 'd-42', requestedBy: 'ada', spec: aSpec({ cluster: 'eu', ...changes }) }
}

/** Returns a plan with these hosts in each wave, two at once. */
export function planned(...waves: string[][]): FactOf<'deployment.planned'> {
  const target = (name: string) => ({ name, address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [] })
  return {
    type: 'deployment.planned',
    plan: {
      hosts: waves.flatMap((names, index) =>
        names.map((name) => ({ target: target(name), servers: [], wave: index + 1 })),
      ),
      boxes: [],
      concurrency: 2,
      waves: waves.map((names) => ({ hosts: names.length, concurrency: 2 })),
      release: { strategy: 'command', id: '2.0.0-ab12' },
      warnings: [],
    },
  }
}

/** Returns the walk of a host that took `durationMs` in one step and succeeded. */
export function done(host: string, durationMs = 60_000): Fact[] {
  return [
    { type: 'step.started', host, step: 'deploy' },
    { type: 'step.ended', host, step: 'deploy', outcome: 'succeeded', durationMs },
    { type: 'release.introduced', host, release: '2.0.0-ab12', previous: '1.9.0-77aa' },
    { type: 'host.ended', host, outcome: 'succeeded', traffic: 'restored' },
  ]
}

export const unhealthy = { code: 'HEALTH_CHECK_FAILED', message: 'web-1 was not healthy in 60s', hint: 'Read its log.' }

/** Returns the walk of a host that was changed and did not get healthy. */
export function failed(host: string): Fact[] {
  return [
    { type: 'step.started', host, step: 'verify' },
    { type: 'release.introduced', host, release: '2.0.0-ab12', previous: '1.9.0-77aa' },
    { type: 'host.ended', host, outcome: 'failed', traffic: 'drained', failure: unhealthy },
  ]
}
