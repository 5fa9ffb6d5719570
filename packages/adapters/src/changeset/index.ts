import type { Changesets } from '@vesemir/core'
import { z } from 'zod'
import { ArtifactOptions } from './artifact/artifact-options.ts'
import { createArtifact } from './artifact/create-artifact.ts'
import { CommandOptions, createCommand } from './command/create-command.ts'

export { createArtifact } from './artifact/create-artifact.ts'
export { createCommand } from './command/create-command.ts'

/** The ways in which a version gets onto a host, by `strategy`. */
export const changesetStrategies = {
  artifact: { options: ArtifactOptions, create: createArtifact },
  command: { options: CommandOptions, create: createCommand },
}

/** A worker's settings for changesets, by strategy. */
export const ChangesetOptions = z.strictObject({
  artifact: ArtifactOptions.prefault({}),
  command: CommandOptions.prefault({}),
})
export type ChangesetOptions = z.infer<typeof ChangesetOptions>

/** Creates every strategy once, and picks among them by a changeset's `strategy`. */
export function createChangesets(options: ChangesetOptions): Changesets {
  const strategies = {
    artifact: createArtifact(options.artifact),
    command: createCommand(options.command),
  }
  return (changeset) => strategies[changeset.strategy]
}
