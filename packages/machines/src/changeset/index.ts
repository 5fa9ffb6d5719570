import type { ChangesetOf, ChangesetStrategy, Changesets, ReleaseOf, StrategyName } from '@vesemir/core'
import { z } from 'zod'
import { ArtifactOptions } from './artifact/artifact-options.ts'
import { createArtifact } from './artifact/create-artifact.ts'
import { CommandOptions, createCommand } from './command/create-command.ts'
import { createGit } from './git/create-git.ts'
import { GitOptions } from './git/git-options.ts'
import { createUploads, UploadsOptions } from './uploads.ts'

/** A worker's settings for changesets, by strategy. */
export const ChangesetsOptions = z.strictObject({
  uploads: UploadsOptions.prefault({}),
  artifact: ArtifactOptions.prefault({}),
  command: CommandOptions.prefault({}),
  git: GitOptions.prefault({}),
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
    command: createCommand(options.command),
    git: createGit(options.git, { env, uploads }),
  }
  return (changeset) => strategies[changeset.strategy]
}
