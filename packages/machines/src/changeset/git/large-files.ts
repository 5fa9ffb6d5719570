import { VesemirError } from '@vesemir/core'
import { incomplete } from './incomplete.ts'
import { GitFailed } from './run-git.ts'

type Run = (args: readonly string[]) => Promise<string>

/**
 * Returns the options with which `git archive` puts the files of Git LFS in the place of their pointers, whatever the worker's own
 * configuration leaves out. Without files of Git LFS, git-lfs is not started.
 */
export function archiveArguments(repository: string, server: string | undefined): string[] {
  const settings = {
    'filter.lfs.process': 'git-lfs filter-process',
    'filter.lfs.smudge': 'git-lfs smudge -- %f',
    'filter.lfs.required': 'true',
    'remote.origin.url': repository,
    'lfs.fetchinclude': '',
    'lfs.fetchexclude': '',
    ...(server !== undefined && { 'lfs.url': server }),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/**
 * Reads where a commit says that its large files are; undefined when they are beside the repository. git-lfs itself reads that of a
 * working tree alone, and the worker reads below its own addresses alone.
 * @throws {VesemirError} `REPOSITORY_INCOMPLETE`
 */
export async function readLargeFileServer(
  commit: string,
  { repository, isAllowed, run }: { repository: string; isAllowed: (url: string) => boolean; run: Run },
): Promise<string | undefined> {
  const url = await run(['config', '--blob', `${commit}:.lfsconfig`, 'lfs.url']).catch((error: unknown) => {
    if (error instanceof GitFailed) return ''
    throw error
  })
  const server = url.trim()
  if (server === '') return undefined
  if (isAllowed(server)) return server
  const what = "has its large files at the lfs.url of its .lfsconfig, which is not below one of the worker's setting"
  throw incomplete({ repository, commit }, `${what} changesets.git.repositories`)
}

/** Returns why an archive failed: the large file that is missing, or that git-lfs is. */
export async function explainLargeFileError(
  error: unknown,
  { repository, commit, run }: { repository: string; commit: string; run: Run },
): Promise<unknown> {
  // Which line is the last depends on when git notices that the filter is gone.
  if (!(error instanceof GitFailed) || !/git-lfs|filter lfs/.test(error.output)) return error
  const isInstalled = await run(['lfs', 'version']).then(
    () => true,
    () => false,
  )
  const why = /^Error downloading object: (.*)$/m.exec(error.output)?.[1] ?? error.message
  if (isInstalled) return incomplete({ repository, commit }, `has a file of Git LFS that cannot be read: ${why}`, error)
  const message = `git-lfs is not installed on this worker, and ${repository} at ${commit} has files of Git LFS`
  return new VesemirError('WORKER_TOOL_MISSING', message, { cause: error, details: { repository } })
}
