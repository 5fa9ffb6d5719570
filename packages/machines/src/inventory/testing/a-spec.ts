import { DeploymentSpec } from '@vesemir/contract'
import type { z } from 'zod'

/** Builds what a deployment of payments to production asks for. */
export function aSpec(parts: Partial<z.input<typeof DeploymentSpec>> = {}): DeploymentSpec {
  return DeploymentSpec.parse({
    application: 'payments',
    environment: 'production',
    version: '1.4.2',
    team: 'core',
    cluster: 'local',
    loadBalancer: { kind: 'none' },
    changeset: { strategy: 'command', commands: ['true'] },
    service: { restart: 'true' },
    healthCheck: { kind: 'command', command: 'true' },
    ...parts,
  })
}
