import type { Changeset } from '@vesemir/contract'
import type { ChangesetStrategy, Changesets } from '@vesemir/core'
import { z } from 'zod'
import { ArtifactOptions } from './artifact/artifact-options.ts'
import { createArtifact } from './artifact/create-artifact.ts'
import { CommandOptions, createCommand } from './command/create-command.ts'

/** A worker's settings for changesets, by strategy. */
export const ChangesetsOptions = z.strictObject({
  artifact: ArtifactOptions.prefault({}),
  command: CommandOptions.prefault({}),
})
export type ChangesetsOptions = z.infer<typeof ChangesetsOptions>

/** Creates every strategy once, and picks among them by a changeset's `strategy`. */
export function createChangesets(options: ChangesetsOptions): Changesets {
  const strategies: Record<Changeset['strategy'], ChangesetStrategy> = {
    artifact: createArtifact(options.artifact),
    command: createCommand(options.command),
  }
  return (changeset) => strategies[changeset.strategy]
}
