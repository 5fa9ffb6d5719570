import { ArtifactChangeset, type DeploymentSpec } from '@vesemir/contract'
import { aSpec as anySpec } from '@vesemir/contract/testing'
import type { z } from 'zod'

/** Builds the specification of a deployment of shop 1.0.0 by an artifact, around the part that a test is about. */
export function aSpec(given: Parameters<typeof anySpec>[0] = {}): DeploymentSpec {
  return anySpec({
    application: 'shop',
    environment: 'test',
    version: '1.0.0',
    changeset: anArtifactChangeset(),
    ...given,
  })
}

/** Builds an artifact's changeset, complete. */
export function anArtifactChangeset(given: Partial<z.input<typeof ArtifactChangeset>> = {}): ArtifactChangeset {
  return ArtifactChangeset.parse({
    strategy: 'artifact',
    url: 'file:///nonexistent',
    directory: '/nonexistent',
    ...given,
  })
}
