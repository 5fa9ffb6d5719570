import { durationMs, type CommitChanges, type GitChangeset, type DeploymentSpec } from '@vesemir/contract'
import {
  VesemirError,
  type ChangesetStrategy,
  type InspectContext,
  type IntroduceContext,
  type ReleaseOf,
} from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { open as openFile } from 'node:fs/promises'
import { readChunks } from '../read-chunks.ts'
import { checkTemplates } from '../release-folder/check-templates.ts'
import { introduceRelease, type Transfer, type Until } from '../release-folder/introduce-release.ts'
import { onHost } from '../release-folder/on-host.ts'
import { proveRelease } from '../release-folder/prove-release.ts'
import { releaseId, writtenOf } from '../release-folder/release-id.ts'
import { inspectRelease, revertRelease } from '../release-folder/revert-release.ts'
import type { Uploads } from '../uploads.ts'
import type { GitOptions } from './git-options.ts'
import { createRepositories } from './repositories.ts'

/** What git needs of its process. */
export interface GitDeps {
  /** The environment that git runs in. */
  env: Readonly<Record<string, string | undefined>>
  uploads: Uploads
}

/**
 * Introduces a revision of a repository. The worker fetches and packs it, once for all of its hosts: these need neither git
 * nor a way to the repository, and no key for it.
 */
export function createGit(
  options: GitOptions,
  { env, uploads }: GitDeps,
): ChangesetStrategy<GitChangeset, ReleaseOf<'git'>> {
  const open = createRepositories(options, env)

  async function bring(release: ReleaseOf<'git'>, context: IntroduceContext<GitChangeset> & { until: Until }) {
    const { id, repository, commit } = release
    const folder = onHost(context.changeset, context.session)
    const limits = { repository, timeout: folder.timeout, signal: context.signal }
    const { path, archive } = await inTime(limits, (signal) => open(repository).pack(commit, signal))
    const transfer: Transfer = {
      kind: 'push',
      name: `${repository} at ${commit}`,
      read: () => readPacked(path),
    }
    const brought = await introduceRelease({ id, stamp: commit, archive }, { ...context, folder, transfer, uploads })
    return { ...brought, folder: `${folder.directory}/releases/${id}` }
  }

  return {
    async pin(changeset, spec, { variables, signal } = {}) {
      const { repository, revision: template, timeout, shared } = changeset
      const revision = template.replaceAll('{version}', spec.version)
      const commit = await inTime({ repository, timeout, signal }, (signal) =>
        packToPin(open(repository), { revision, changeset, spec, signal }),
      )
      return {
        strategy: 'git',
        id: releaseId(spec.version, {
          content: commit,
          made: [...shared, ...writtenOf(changeset, { ...spec, variables })],
        }),
        repository,
        commit,
      }
    },

    listCommits: (from, to, signal) => listCommits(from, { to, open, signal }),

    async prove(release, { changeset, session, signal }) {
      const { directory, timeout } = onHost(changeset, session)
      const { repository } = changeset
      const pinned = release && { id: release.id, stamp: release.commit }
      const archive = release
        ? (await inTime({ repository, timeout, signal }, (signal) => open(repository).pack(release.commit, signal)))
            .archive
        : ({ format: 'tar.gz', bytes: 0, unpackedBytes: 0 } as const)
      await proveRelease(session, { directory, transfer: 'push', archive, release: pinned, signal })
    },
    stage: (release, context) => bring(release, { ...context, until: 'staged' }),
    introduce: (release, context) => bring(release, { ...context, until: 'current' }),

    revert: (release, context) => revertRelease(releaseOnHost(release, context), context),
    inspect: (release, context) => inspectRelease(releaseOnHost(release, context), context),
  }
}

/** People wait for a plan, and it is one without its commits too. */
const historyTimeout = '20s'

async function listCommits(
  from: ReleaseOf<'git'>,
  {
    to: { repository, commit },
    open,
    signal,
  }: { to: ReleaseOf<'git'>; open: ReturnType<typeof createRepositories>; signal: AbortSignal },
): Promise<CommitChanges | undefined> {
  if (from.repository !== repository) return undefined
  const limits = { repository, timeout: historyTimeout, signal }
  return inTime(limits, (inTimeSignal) => open(repository).compare(from.commit, commit, inTimeSignal))
}

/** Packs the commit of a revision, and makes sure that it has what the changeset needs of it. */
async function packToPin(
  { resolve, pack }: ReturnType<ReturnType<typeof createRepositories>>,
  {
    revision,
    changeset,
    spec,
    signal,
  }: { revision: string; changeset: Pick<GitChangeset, 'templates'>; spec: DeploymentSpec; signal: AbortSignal },
): Promise<string> {
  const commit = await resolve(revision, signal)
  const { path, archive } = await pack(commit, signal)
  await checkTemplates(archive, { ...changeset, spec, read: () => readPacked(path) })
  return commit
}

async function* readPacked(path: string): AsyncGenerator<Uint8Array> {
  await using file = await openFile(path)
  yield* readChunks(file)
}

function releaseOnHost({ id }: ReleaseOf<'git'>, { changeset, session }: InspectContext<GitChangeset>) {
  return { ...onHost(changeset, session), id }
}

async function inTime<Result>(
  { repository, timeout, signal }: { repository: string; timeout: string; signal: AbortSignal | undefined },
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  try {
    return await withinTime({ timeoutMs: durationMs(timeout), signal }, task)
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error
    const message = `${repository} was not fetched within ${timeout}`
    throw new VesemirError('REPOSITORY_UNAVAILABLE', message, { cause: error, details: { repository } })
  }
}
