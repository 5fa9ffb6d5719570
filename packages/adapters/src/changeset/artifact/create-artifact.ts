import { durationMs, type ArtifactChangeset, type Changeset } from '@vesemir/contract'
import { VesemirError, type ChangesetStrategy, type IntroduceContext } from '@vesemir/core'
import { TimeUp, withinTime } from '../../remote-shell/within-time.ts'
import type { ArtifactOptions } from './artifact-options.ts'
import { introduceArtifact } from './introduce-artifact.ts'
import { artifactMismatch, measure } from './check-artifact.ts'
import { revertRelease } from '../release-folder/revert-release.ts'
import { nameOf, readArtifact } from './read-artifact.ts'

/**
 * Introduces a version as a tar.gz: streamed from the worker, checked at both ends, unpacked to `releases/<release>` and
 * made `current` by one rename.
 */
export function createArtifact(options: ArtifactOptions): ChangesetStrategy {
  return {
    async pin(changeset, spec, signal) {
      const { url: template, sha256: expected, timeout } = artifactChangeset(changeset)
      const url = template.replaceAll('{version}', encodeURIComponent(spec.version))
      try {
        const seen = await withinTime({ timeoutMs: durationMs(timeout), signal }, (signal) =>
          measure(readArtifact(url, { folders: options.folders, signal })),
        )
        if (expected !== undefined && seen.sha256 !== expected) throw artifactMismatch(url, expected, seen.sha256)
        return { strategy: 'artifact', id: `${spec.version}-${seen.sha256.slice(0, 8)}`, url, ...seen }
      } catch (error) {
        if (!(error instanceof TimeUp)) throw error
        const message = `${nameOf(url)} could not be read within ${timeout}`
        throw new VesemirError('ARTIFACT_UNAVAILABLE', message, { cause: error })
      }
    },

    introduce(release, context) {
      if (release.strategy !== 'artifact') throw new TypeError(`${release.strategy} is not an artifact's release`)
      const changeset = changesetOn(context)
      return introduceArtifact(release, { ...context, changeset, folders: options.folders })
    },

    revert: (release, context) => revertRelease({ ...changesetOn(context), id: release.id }, context),
  }
}

/** The changeset as it is on one host: machines that share a disk have folders by their names. */
function changesetOn({ spec, session }: IntroduceContext): ArtifactChangeset {
  const changeset = artifactChangeset(spec.changeset)
  return { ...changeset, directory: changeset.directory.replaceAll('{host}', session.target.name) }
}

function artifactChangeset(changeset: Changeset): ArtifactChangeset {
  if (changeset.strategy === 'artifact') return changeset
  throw new TypeError(`${changeset.strategy} is not an artifact's changeset`)
}
