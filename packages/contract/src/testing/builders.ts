import type { z } from 'zod'
import { DeploymentSpec } from '../deployment.ts'
import type { Plan, ServerState } from '../plan.ts'

type Given = Partial<z.input<typeof DeploymentSpec>>

/** Builds the whole specification of a deployment, without a load balancer, around the part that a test is about. */
export function aSpec(given: Given = {}): DeploymentSpec {
  return DeploymentSpec.parse({
    application: 'payments',
    environment: 'production',
    version: '2.0.0',
    team: 'core',
    cluster: 'local',
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: ['true'] },
    service: { restart: 'true' },
    healthCheck: { kind: 'tcp', port: 80 },
    ...given,
  })
}

/** As `aSpec`, behind backend app of HAProxy, whose health check proves the version. Parts of both are added to these. */
export function aBalancedSpec({
  loadBalancer,
  healthCheck,
  ...given
}: Omit<Given, 'loadBalancer' | 'healthCheck'> & { loadBalancer?: object; healthCheck?: object } = {}): DeploymentSpec {
  return aSpec({
    ...given,
    loadBalancer: { kind: 'haproxy', boxes: { tags: ['lb'] }, backends: ['app'], ...loadBalancer },
    healthCheck: { kind: 'http', port: 80, expectBody: '{version}', deadline: '30s', ...healthCheck },
  })
}

/** Builds a plan for hosts of these names, each a server of its own name on lb1. */
export function aPlan(names: readonly string[]): Plan {
  return {
    hosts: names.map((name) => ({
      target: { name, address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [`ssh-ed25519 ${'A'.repeat(68)}`] },
      servers: [{ box: 'lb1', backend: 'web', server: name }],
      wave: 1,
    })),
    boxes: [],
    concurrency: 2,
    waves: [{ hosts: names.length, concurrency: 2 }],
    release: { strategy: 'command', id: '2.0.0' },
    warnings: [],
  }
}

/** Builds a server as a box shows it in service, around the part that a test is about. */
export function aServer(server: string, given: Partial<ServerState> = {}): ServerState {
  const ref = { box: 'lb1', backend: 'web', server }
  return { ...ref, admin: 'ready', health: 'up', checked: true, weight: 100, initialWeight: 100, sessions: 0, ...given }
}
