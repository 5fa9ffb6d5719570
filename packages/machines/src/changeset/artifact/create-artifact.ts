import { Archive, durationMs, type ArtifactChangeset, type DeploymentSpec } from '@vesemir/contract'
import {
  isVesemirError,
  VesemirError,
  type ChangesetStrategy,
  type IntroduceContext,
  type ReleaseOf,
  type Revealed,
} from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { join } from 'node:path'
import { createFetch } from '../../http/create-fetch.ts'
import { createOutgoing } from '../../http/outgoing.ts'
import { ArchiveInvalid } from '../release-folder/archive-invalid.ts'
import { checkTemplates } from '../release-folder/check-templates.ts'
import { introduceRelease, type Transfer, type Until } from '../release-folder/introduce-release.ts'
import { onHost } from '../release-folder/on-host.ts'
import { proveRelease } from '../release-folder/prove-release.ts'
import { releaseId, writtenOf } from '../release-folder/release-id.ts'
import { inspectRelease, revertRelease } from '../release-folder/revert-release.ts'
import { artifactMismatch } from '../release-folder/verified.ts'
import type { Uploads } from '../uploads.ts'
import type { ArtifactOptions } from './artifact-options.ts'
import { createArtifactCache } from './artifact-cache.ts'
import { createArtifactSource, type ArtifactSource } from './artifact-source.ts'
import { readCredentials } from './credentials.ts'
import { demandSignature, keysFor } from './demand-signature.ts'
import { nameOf, serverFailed, unavailable } from './unavailable.ts'

/** What artifacts need of their process. */
export interface ArtifactDeps {
  /** The environment, for secrets. */
  env: Readonly<Record<string, string | undefined>>
  uploads: Uploads
  /** How long an artifact server may send nothing; 30 s. */
  stallTimeoutMs?: number
}

/**
 * Introduces a version as an archive: sent by the worker or fetched by the host, checked, unpacked to `releases/<release>` and
 * made `current` by one rename.
 * @throws {VesemirError} `CONFIG_INVALID` when a secret of the settings is missing.
 */
export function createArtifact(
  options: ArtifactOptions,
  deps: ArtifactDeps,
): ChangesetStrategy<ArtifactChangeset, ReleaseOf<'artifact'>> {
  const source = openSource(options, deps)

  async function bring(
    release: ReleaseOf<'artifact'>,
    context: IntroduceContext<ArtifactChangeset> & { until: Until },
  ) {
    const { id, url, sha256: stamp } = release
    const folder = changesetOn(context)
    const transfer = transferOf(release, folder, source)
    try {
      const brought = await introduceRelease(
        { id, stamp, archive: release, fileName: release.fileName },
        { ...context, folder, transfer: withDeltas(transfer, { release, folder, source }), uploads: deps.uploads },
      )
      return { ...brought, folder: `${folder.directory}/releases/${id}` }
    } catch (error) {
      if (isVesemirError(error, 'ARTIFACT_MISMATCH')) await source.forget(stamp)
      // The host had waited for what the worker did not have yet.
      if (isVesemirError(error, 'COMMAND_TIMED_OUT') && transfer.isWaiting()) throw tooSlow(url, folder.timeout, error)
      throw error
    }
  }

  return {
    async pin(changeset, spec, { variables, signal } = {}) {
      const { url: template, sha256: expected, timeout: asked, ...how } = changeset
      const timeout = durationMs(asked) <= durationMs(options.maxTimeout) ? asked : options.maxTimeout
      const url = template.replaceAll('{version}', encodeURIComponent(spec.version).replaceAll('%2F', '/'))
      try {
        const fileName = how.unpack ? undefined : ownName(how, url)
        const seen = await withinTime({ timeoutMs: durationMs(timeout), signal }, (signal) =>
          measureToPin(url, { expected, ...how, spec, signal }, { options, source }),
        )
        const id = releaseId(spec.version, {
          content: seen.sha256,
          made: madeOf(how, { ...spec, fileName, variables }),
        })
        return { strategy: 'artifact', id, url, ...seen, ...(fileName !== undefined && { fileName }) }
      } catch (error) {
        throw notPinned(error, { url, timeout })
      }
    },

    async prove(release, { changeset, session, signal }) {
      const { directory, transfer } = onHost(changeset, session)
      const archive = release ?? { format: likelyFormat(changeset), bytes: 0, unpackedBytes: 0 }
      const pinned = release && { id: release.id, stamp: release.sha256 }
      await proveRelease(session, { directory, transfer, archive, release: pinned, signal })
    },
    stage: (release, context) => bring(release, { ...context, until: 'staged' }),
    introduce: (release, context) => bring(release, { ...context, until: 'current' }),
    revert: (release, context) => revertRelease({ ...changesetOn(context), id: release.id }, context),
    inspect: (release, context) => inspectRelease({ ...changesetOn(context), id: release.id }, context),
  }
}

/** Reads an artifact for what is pinned of it, and makes sure that it has what the changeset needs of it. */
async function measureToPin(
  url: string,
  asked: Pick<Revealed<ArtifactChangeset>, 'unpack' | 'headers' | 'strip' | 'templates'> & {
    expected: string | undefined
    spec: DeploymentSpec
    signal: AbortSignal
  },
  { options, source }: { options: ArtifactOptions; source: ArtifactSource },
): ReturnType<ArtifactSource['measure']> {
  const { strip, headers, spec, signal } = asked
  const seen = await measureSigned(url, asked, { demanded: keysFor(spec.environment, options.signatures), source })
  if (strip === 1 && seen.folder === undefined)
    throw new ArchiveInvalid('has no single top folder, which changeset.strip: 1 needs')
  const { sha256 } = seen
  await checkTemplates(seen, { ...asked, read: () => source.read(url, { sha256, headers, signal }) })
  return seen
}

/** Reads an artifact for what is pinned of it, which is what was expected, and signed where that is demanded. */
async function measureSigned(
  url: string,
  asked: Pick<Revealed<ArtifactChangeset>, 'unpack' | 'headers'> & {
    expected: string | undefined
    signal: AbortSignal
  },
  { demanded, source }: { demanded: string[][]; source: ArtifactSource },
): ReturnType<ArtifactSource['measure']> {
  const { expected, unpack, headers, signal } = asked
  const seen = await source.measure(url, { sha256: expected, unpack, headers, signal })
  if (expected !== undefined && seen.sha256 !== expected) throw artifactMismatch(nameOf(url), expected, seen.sha256)
  await demandSignature({ url, sha256: seen.sha256, headers, signal }, { demanded, source })
  return seen
}

function openSource(options: ArtifactOptions, deps: ArtifactDeps): ArtifactSource {
  return createArtifactSource({
    folders: options.folders,
    headersFor: readCredentials(options.credentials, deps.env),
    fetch: createFetch({ env: deps.env, keepsEncoding: true, outgoing: createOutgoing(options.allow) }),
    stallTimeoutMs: deps.stallTimeoutMs ?? 30_000,
    maxBytes: options.maxBytes,
    maxUnpackedBytes: options.maxUnpackedBytes,
    cache: createArtifactCache({ ...options.cache, folder: options.cache.folder ?? usualFolder(deps.env) }),
  })
}

/** What makes another release of the same artifact. */
function madeOf(
  how: Pick<ArtifactChangeset, 'shared' | 'strip' | 'environmentFile' | 'templates'>,
  { fileName, ...names }: { fileName: string | undefined } & Parameters<typeof writtenOf>[1],
): string[] {
  const { shared, strip } = how
  return [
    ...shared,
    ...(strip > 0 ? [`strip ${strip}`] : []),
    ...(fileName === undefined ? [] : [`file ${fileName}`]),
    ...writtenOf(how, names),
  ]
}

/** The name that an artifact which is not unpacked gets beside its environment file. */
function ownName(
  { fileName, environmentFile }: Pick<ArtifactChangeset, 'fileName' | 'environmentFile'>,
  url: string,
): string {
  const name = fileName ?? fileNameIn(url)
  if (name === environmentFile)
    throw new ArchiveInvalid('has the name of changeset.environmentFile: set changeset.fileName')
  return name
}

function fileNameIn(url: string): string {
  const name = decoded(new URL(url).pathname.split('/').at(-1)!)
  if (/^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/.test(name)) return name
  throw new ArchiveInvalid('has no plain file name at its end: set changeset.fileName')
}

/** The format that an artifact has by the end of its name. */
function likelyFormat({ url, unpack }: ArtifactChangeset): Archive['format'] {
  const { pathname } = new URL(url)
  const byName = [...Archive.shape.format.options].find((format) => pathname.endsWith(`.${format}`))
  return unpack ? (byName ?? 'tar') : 'file'
}

/** What is not encoded as addresses are is left as it is, and is no plain name. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** How an artifact gets to a host, and whether the artifact server is waited for just now. */
function transferOf(
  { url, sha256 }: { url: string; sha256: string },
  { transfer: kind, headers }: Pick<Revealed<ArtifactChangeset>, 'transfer' | 'headers'>,
  source: ArtifactSource,
): Transfer & { isWaiting: () => boolean } {
  let waiting = false
  async function* read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    waiting = true
    for await (const chunk of source.read(url, { sha256, headers, signal })) {
      waiting = false
      yield chunk
    }
  }
  async function address(signal: AbortSignal) {
    waiting = true
    const found = await source.findAddress(url, { headers, signal })
    waiting = false
    return found
  }
  const isWaiting = () => waiting
  return kind === 'push' ? { kind, name: nameOf(url), read, isWaiting } : { kind, address, isWaiting }
}

/** Has a host that has another release get only the delta. */
function withDeltas(
  transfer: Transfer,
  {
    release,
    folder: { strip, shared, environmentFile, templates = [] },
    source,
  }: { release: ReleaseOf<'artifact'>; folder: Revealed<ArtifactChangeset>; source: ArtifactSource },
): Transfer {
  if (transfer.kind === 'pull') return transfer
  const folder = strip > 0 ? release.folder : undefined
  const written = [...(environmentFile === undefined ? [] : [environmentFile]), ...templates.map(({ to }) => to)]
  const replaced = [...shared, ...written]
  const wanted = { archive: release, folder, replaced, read: transfer.read }
  return { ...transfer, findDelta: (base, signal) => source.deltas.find(base, wanted, signal) }
}

/** Where downloads are kept when no setting says it. */
function usualFolder(env: ArtifactDeps['env']): string {
  return join(env['CACHE_DIRECTORY'] ?? `/var/tmp/vesemir-${process.getuid?.()}`, 'artifacts')
}

function changesetOn({
  changeset,
  session,
}: Pick<IntroduceContext<ArtifactChangeset>, 'changeset' | 'session'>): Revealed<ArtifactChangeset> {
  return onHost(changeset, session)
}

function notPinned(error: unknown, { url, timeout }: { url: string; timeout: string }): unknown {
  const name = nameOf(url)
  if (error instanceof TimeUp) return tooSlow(url, timeout, error)
  if (error instanceof ArchiveInvalid)
    return new VesemirError('ARTIFACT_INVALID', `${name} ${error.message}`, { cause: error, details: { url: name } })
  return error
}

function tooSlow(url: string, timeout: string, cause: unknown): VesemirError {
  if (url.startsWith('file:')) return unavailable(url, `could not be read within ${timeout}`, cause)
  return serverFailed(url, `did not complete the download within ${timeout}`, cause)
}
