import { ArtifactChangeset, DeploymentSpec } from '@vesemir/contract'
import type { z } from 'zod'

/** A deployment's specification, complete; what a test is about is given. */
export function aSpec(given: Partial<z.input<typeof DeploymentSpec>> = {}): DeploymentSpec {
  return DeploymentSpec.parse({
    application: 'shop',
    environment: 'test',
    version: '1.0.0',
    team: 'web',
    cluster: 'local',
    loadBalancer: { kind: 'none' },
    changeset: anArtifactChangeset(),
    service: { restart: 'true' },
    healthCheck: { kind: 'tcp', port: 80 },
    ...given,
  })
}

/** An artifact's changeset, complete. */
export function anArtifactChangeset(given: Partial<z.input<typeof ArtifactChangeset>> = {}): ArtifactChangeset {
  return ArtifactChangeset.parse({
    strategy: 'artifact',
    url: 'file:///nonexistent',
    directory: '/nonexistent',
    ...given,
  })
}
