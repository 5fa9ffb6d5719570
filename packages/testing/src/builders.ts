import { DeploymentSpec, type Plan, type ServerState } from '@vesemir/contract'

/** A spec that is complete, with what a test is about. */
export function aSpec(changes: Partial<DeploymentSpec> = {}): DeploymentSpec {
  return DeploymentSpec.parse({
    application: 'payments',
    environment: 'production',
    version: '1.4.2',
    team: 'core',
    cluster: 'eu',
    loadBalancer: { kind: 'haproxy', boxes: { tags: ['lb'] }, backends: ['web'] },
    changeset: { strategy: 'command', commands: ['true'] },
    service: { restart: 'sv restart payments' },
    healthCheck: { kind: 'http', port: 8080 },
    ...changes,
  })
}

/** A plan for hosts of these names. */
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
    release: { strategy: 'command', id: '1.4.2' },
    warnings: [],
  }
}

/** A server as a box shows it in service. */
export function aServer(server: string): ServerState {
  const ref = { box: 'lb1', backend: 'web', server }
  return { ...ref, admin: 'ready', health: 'up', checked: true, weight: 100, initialWeight: 100, sessions: 0 }
}
