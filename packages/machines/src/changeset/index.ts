import type { Changeset, PlannedRelease } from '@vesemir/contract'
import {
  VesemirError,
  type ChangesetOf,
  type ChangesetStrategy,
  type Changesets,
  type ReleaseOf,
  type StrategyName,
} from '@vesemir/core'
import { z } from 'zod'
import { ArtifactOptions } from './artifact/artifact-options.ts'
import { createArtifact } from './artifact/create-artifact.ts'
import { keysFor } from './artifact/demand-signature.ts'
import { CommandOptions, createCommand } from './command/create-command.ts'
import { createGit } from './git/create-git.ts'
import { GitOptions } from './git/git-options.ts'
import { createUploads, UploadsOptions } from './uploads.ts'

/** A worker's settings for changesets, by strategy. */
export const ChangesetsOptions = z.strictObject({
  uploads: UploadsOptions.prefault({}).meta({ description: 'What is sent to hosts.' }),
  artifact: ArtifactOptions.prefault({}).meta({ description: 'Artifacts: sources, limits, signatures, cache.' }),
  command: CommandOptions.prefault({}).meta({ description: 'Commands; nothing to set.' }),
  git: GitOptions.prefault({}).meta({ description: 'Git repositories.' }),
})
export type ChangesetsOptions = z.infer<typeof ChangesetsOptions>

/** What strategies need of their process: the environment, for secrets. */
export interface ChangesetDeps {
  env: Readonly<Record<string, string | undefined>>
}

/**
 * Creates every strategy once, and picks among them by a changeset's `strategy`.
 * @throws {VesemirError} `CONFIG_INVALID` when a secret that the settings name is missing.
 */
export function createChangesets(options: ChangesetsOptions, { env }: ChangesetDeps): Changesets {
  const uploads = createUploads(options.uploads)
  const strategies: { [Name in StrategyName]: ChangesetStrategy<ChangesetOf<Name>, ReleaseOf<Name>> } = {
    artifact: createArtifact(options.artifact, { env, uploads }),
    command: unsignedOnly('command', createCommand(options.command), options.artifact),
    git: unsignedOnly('git', createGit(options.git, { env, uploads }), options.artifact),
  }
  return (changeset) => strategies[changeset.strategy]
}

/** Has a strategy pin nothing where signed artifacts alone are taken: its releases have no signature. */
function unsignedOnly<Of extends Changeset, Pinned extends PlannedRelease>(
  name: StrategyName,
  strategy: ChangesetStrategy<Of, Pinned>,
  { signatures }: ArtifactOptions,
): ChangesetStrategy<Of, Pinned> {
  return {
    ...strategy,
    async pin(changeset, spec, known) {
      const { environment } = spec
      if (keysFor(environment, signatures).length === 0) return strategy.pin(changeset, spec, known)
      const message = `${environment} takes signed artifacts alone, which the strategy ${name} has not`
      throw new VesemirError('ARTIFACT_UNSIGNED', message)
    },
  }
}
