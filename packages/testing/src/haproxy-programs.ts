import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A HAProxy to run, and its version in full. */
export interface HaproxyProgram {
  path: string
  version: string
}

/** The one that is installed. */
export const installedHaproxy: HaproxyProgram = programAt('haproxy')

/**
 * Every HAProxy that tests can run with: the installed one, and those of other branches that set-up has from Debian
 * (infra/setup/haproxy-versions.mjs), where there are any.
 */
export const haproxyPrograms: readonly HaproxyProgram[] = [installedHaproxy, ...unpackedPrograms()]

function unpackedPrograms(): HaproxyProgram[] {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vesemir-tests/haproxy')
  const branches = existsSync(folder) ? readdirSync(folder) : []
  return branches
    .filter((name) => /^\d+\.\d+$/.test(name) && !installedHaproxy.version.startsWith(`${name}.`))
    .map((branch) => programAt(join(folder, branch, 'haproxy')))
}

function programAt(path: string): HaproxyProgram {
  const { stdout, error } = spawnSync(path, ['-v'], { encoding: 'utf8' })
  const [version] = /\d+\.\d+\.\d+/.exec(stdout ?? '') ?? []
  if (version === undefined) throw new Error(`${path} does not tell its version`, { cause: error })
  return { path, version }
}
