import type { DeploymentSpec, LogLine, StepName } from '@vesemir/contract'
import type { RemoteSession } from '../ports/remote-shell.ts'
import type { ServiceManager } from '../ports/service-managers.ts'
import type { ConnectedWalk } from '../walk.ts'
import { FakeClock } from './fake-clock.ts'
import { noSecrets } from './no-secrets.ts'
import { aTarget } from './simulated-fleet.ts'

/** A host in one step of its walk: as much of it as a step needs that deals with the host alone. */
export function aWalk({
  step,
  spec,
  remote = {},
  manager = {},
  signal = new AbortController().signal,
}: {
  step: StepName
  spec: Partial<DeploymentSpec>
  remote?: Partial<RemoteSession>
  /** What manages its service. */
  manager?: Partial<ServiceManager>
  signal?: AbortSignal
}) {
  const target = { ...aTarget('web-1'), address: '10.0.0.1' }
  const lines: string[] = []
  const waits: string[] = []
  const clock = new FakeClock()
  const claim = {
    deployment: { id: 'd-1' },
    host: { state: { status: 'running', step }, intent: 'deploy' },
    check: async () => {},
    append: async (fact: { type: string; waitingFor?: string }) => {
      if (fact.type === 'step.waiting') waits.push(fact.waitingFor!)
    },
    log: (_: string, line: LogLine) => lines.push(line.text),
  }
  const whole = { application: 'shop', environment: 'test', version: '2.0.0', ...spec }
  const walk = {
    claim,
    ports: { clock, secrets: noSecrets, serviceManagers: () => manager },
    signal,
    waits: signal,
    spec: whole,
    target,
    remote: { target, ...remote },
    progress: { step },
  }
  return { walk: walk as unknown as ConnectedWalk, lines, waits, clock }
}
