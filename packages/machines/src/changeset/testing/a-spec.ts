import { ArtifactChangeset, type DeploymentSpec } from '@vesemir/contract'
import { aSpec as anySpec } from '@vesemir/contract/testing'
import type { Revealed } from '@vesemir/core'
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

/** Builds an artifact's changeset, complete, with values in the places of secrets. */
export function anArtifactChangeset({
  headers,
  ...given
}: Partial<Revealed<z.input<typeof ArtifactChangeset>>> = {}): Revealed<ArtifactChangeset> {
  const changeset = ArtifactChangeset.parse({
    strategy: 'artifact',
    url: 'file:///nonexistent',
    directory: '/nonexistent',
    ...given,
  })
  return { ...(changeset as Revealed<ArtifactChangeset>), ...(headers && { headers }) }
}
