import { VesemirError } from '@vesemir/core'
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import type { GitOptions } from './git-options.ts'
import { openMirror, type Mirror } from './mirror.ts'
import { openPackedCommits, type PackedCommits } from './packed-commits.ts'

/**
 * Opens repositories of one worker: those below the addresses that it may read.
 * @throws {VesemirError} `REPOSITORY_UNAVAILABLE`
 */
export function createRepositories(
  { repositories, mirrors: folder }: GitOptions,
  env: Readonly<Record<string, string | undefined>>,
): (repository: string) => Pick<Mirror, 'resolve' | 'compare'> & PackedCommits {
  const mirrors = new Map<string, Mirror>()
  const packed = new Map<string, PackedCommits>()
  const isAllowed = (url: string) => repositories.some((below) => url.startsWith(below))

  /** The path of what is kept of a repository, without its ending. */
  function pathOf(repository: string): string {
    if (folder === undefined || !isAllowed(repository)) throw notAllowed(repository, repositories)
    const sum = createHash('sha256').update(repository).digest('hex').slice(0, 12)
    return join(folder, `${basename(repository, '.git')}-${sum}`)
  }

  function mirrorOf(repository: string): Mirror {
    const mirror =
      mirrors.get(repository) ?? openMirror(repository, { git: `${pathOf(repository)}.git`, env, isAllowed })
    mirrors.set(repository, mirror)
    return mirror
  }

  return (repository) => {
    const { resolve, compare } = mirrorOf(repository)
    const { pack } =
      packed.get(repository) ?? openPackedCommits(repository, { folder: `${pathOf(repository)}.packed`, mirrorOf })
    packed.set(repository, { pack })
    return { resolve, compare, pack }
  }
}

function notAllowed(repository: string, repositories: readonly string[]): VesemirError {
  const allowed = repositories.length > 0 ? repositories.join(', ') : 'none is set'
  const message = `${repository} is not below one of the worker's setting changesets.git.repositories (${allowed})`
  return new VesemirError('REPOSITORY_UNAVAILABLE', message, { details: { repository } })
}
