import { durationMs, type ArtifactChangeset, type Changeset, type PlannedRelease } from '@vesemir/contract'
import { VesemirError, type ChangesetStrategy, type IntroduceContext } from '@vesemir/core'
import { createFetch } from '../../http/create-fetch.ts'
import { TimeUp, withinTime } from '../../remote-shell/within-time.ts'
import { kept } from '../read-chunks.ts'
import { ArchiveInvalid } from '../release-folder/archive-invalid.ts'
import { introduceRelease, type Transfer, type Until } from '../release-folder/introduce-release.ts'
import { measureArchive } from '../release-folder/measure-archive.ts'
import { onHost } from '../release-folder/on-host.ts'
import { releaseId } from '../release-folder/release-id.ts'
import { inspectRelease, revertRelease } from '../release-folder/revert-release.ts'
import { artifactMismatch } from '../release-folder/verified.ts'
import type { Uploads } from '../uploads.ts'
import type { ArtifactOptions } from './artifact-options.ts'
import { readCredentials } from './credentials.ts'
import { findAddress, readArtifact, type ArtifactSource } from './read-artifact.ts'
import { nameOf } from './unavailable.ts'

/** What artifacts need of their process. */
export interface ArtifactDeps {
  /** The environment, for secrets. */
  env: Readonly<Record<string, string | undefined>>
  uploads: Uploads
}

/**
 * Introduces a version as an archive: sent by the worker or fetched by the host, checked, unpacked to `releases/<release>` and
 * made `current` by one rename.
 * @throws {VesemirError} `CONFIG_INVALID` when a secret of the settings is missing.
 */
export function createArtifact(options: ArtifactOptions, deps: ArtifactDeps): ChangesetStrategy {
  const headersFor = readCredentials(options.credentials, deps.env)
  const source = { folders: options.folders, headersFor, fetch: createFetch(deps) }

  function bring(release: PlannedRelease, context: IntroduceContext & { until: Until }) {
    if (release.strategy !== 'artifact') throw new TypeError(`${release.strategy} is not an artifact's release`)
    const { id, url, sha256: stamp } = release
    const folder = changesetOn(context)
    const transfer = transferOf(url, folder.transfer, source)
    return introduceRelease({ id, stamp, archive: release }, { ...context, folder, transfer, uploads: deps.uploads })
  }

  return {
    async pin(changeset, spec, signal) {
      const { url: template, sha256: expected, timeout, shared } = artifactChangeset(changeset)
      const url = template.replaceAll('{version}', encodeURIComponent(spec.version))
      try {
        const seen = await withinTime({ timeoutMs: durationMs(timeout), signal }, (signal) =>
          measureArchive(kept(readArtifact(url, { ...source, signal }))),
        )
        if (expected !== undefined && seen.sha256 !== expected)
          throw artifactMismatch(nameOf(url), expected, seen.sha256)
        return { strategy: 'artifact', id: releaseId(spec.version, { content: seen.sha256, shared }), url, ...seen }
      } catch (error) {
        throw notPinned(error, { url, timeout })
      }
    },

    stage: (release, context) => bring(release, { ...context, until: 'staged' }),
    introduce: (release, context) => bring(release, { ...context, until: 'current' }),
    revert: (release, context) => revertRelease({ ...changesetOn(context), id: release.id }, context),
    inspect: (release, context) => inspectRelease({ ...changesetOn(context), id: release.id }, context),
  }
}

function transferOf(
  url: string,
  kind: ArtifactChangeset['transfer'],
  source: Omit<ArtifactSource, 'signal'>,
): Transfer {
  switch (kind) {
    case 'push':
      return { kind, name: nameOf(url), read: (signal) => readArtifact(url, { ...source, signal }) }
    case 'pull':
      return { kind, address: (signal) => findAddress(url, { ...source, signal }) }
  }
}

function changesetOn({ spec, session }: IntroduceContext): ArtifactChangeset {
  return onHost(artifactChangeset(spec.changeset), session)
}

function artifactChangeset(changeset: Changeset): ArtifactChangeset {
  if (changeset.strategy === 'artifact') return changeset
  throw new TypeError(`${changeset.strategy} is not an artifact's changeset`)
}

function notPinned(error: unknown, { url, timeout }: { url: string; timeout: string }): unknown {
  const name = nameOf(url)
  if (error instanceof TimeUp)
    return new VesemirError('ARTIFACT_UNAVAILABLE', `${name} could not be read within ${timeout}`, { cause: error })
  if (error instanceof ArchiveInvalid)
    return new VesemirError('ARTIFACT_INVALID', `${name} ${error.message}`, { cause: error, details: { url: name } })
  return error
}
