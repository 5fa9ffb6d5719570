import { existsSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, tail } from './run-command.mjs'
import { SetupProblem, say } from './say.mjs'

/**
 * Decides whether the installed modules are older than what describes them. Times in ms; no time: not there.
 * @param {number | undefined} installedAt
 * @param {number[]} describedAt
 */
export function isStale(installedAt, describedAt) {
  return installedAt === undefined || describedAt.some((time) => time > installedAt)
}

/**
 * Installs the workspace's libraries, exactly as locked, with the pnpm that package.json pins; nothing when up to date.
 * @param {string} root
 */
export async function installWorkspace(root) {
  const describing = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests(root)].map((path) => join(root, path))
  const marker = join(root, 'node_modules/.modules.yaml')
  if (
    !isStale(
      changedAt(marker),
      describing.map((path) => changedAt(path) ?? 0),
    )
  )
    return
  const pnpm = pinnedPnpm(readFileSync(join(root, 'package.json'), 'utf8'))
  say(`installs libraries with ${pnpm}`)
  const args = ['-y', pnpm, 'install', '--frozen-lockfile']
  // `CI` keeps pnpm from asking whether it may replace node_modules.
  const { ok, output } = await runCommand('npx', args, { cwd: root, env: { ...process.env, CI: 'true' } })
  if (!ok) throw new SetupProblem(`npx ${args.join(' ')} failed:\n${tail(output)}`)
  // pnpm leaves the file alone when nothing had to change: without the new time every later run would install again.
  const now = new Date()
  utimesSync(marker, now, now)
}

/**
 * Reads the pinned pnpm (`pnpm@1.2.3`) from the text of package.json; a hash after `+` is corepack's, not npm's.
 * @param {string} manifest
 */
export function pinnedPnpm(manifest) {
  const pin = /^pnpm@\d+\.\d+\.\d+/.exec(JSON.parse(manifest).packageManager ?? '')
  if (!pin) throw new SetupProblem('package.json must pin pnpm: "packageManager": "pnpm@x.y.z"')
  return pin[0]
}

/** @param {string} root */
function manifests(root) {
  const members = ['packages', 'apps'].flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : [],
  )
  return ['.', ...members].map((folder) => join(folder, 'package.json'))
}

/**
 * Gives when a file was changed last, in ms; undefined where there is none.
 * @param {string} path
 */
export function changedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : undefined
}
