import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, tail } from './run-command.mjs'
import { SetupProblem, say } from './say.mjs'
import { changedAt, isStale } from './workspace.mjs'

/** What the page is made of: where anything below is newer than what was built, it is built again. */
const sources = [
  'apps/dashboard/index.html',
  'apps/dashboard/package.json',
  'apps/dashboard/public',
  'apps/dashboard/src',
  'apps/dashboard/vite.config.ts',
  'packages/contract/src',
  'packages/core/src',
  'pnpm-lock.yaml',
]

/**
 * Builds the web page to apps/dashboard/dist, from where the API serves it; nothing when up to date.
 * @param {string} root
 */
export async function buildPage(root) {
  const folder = join(root, 'apps/dashboard')
  const times = sources.map((path) => newestIn(join(root, path)))
  if (!isStale(changedAt(join(folder, 'dist/index.html')), times)) return
  say('builds the web page')
  const vite = join(folder, 'node_modules/vite/bin/vite.js')
  // Whatever this process is: with "test" or "development" here, React would be its slow self.
  const env = { ...process.env, NODE_ENV: 'production' }
  const { ok, output } = await runCommand(join(root, 'node_modules/.bin/node'), [vite, 'build'], { cwd: folder, env })
  if (!ok) throw new SetupProblem(`vite build failed:\n${tail(output)}`)
}

/**
 * Gives when a file, or the newest file in a folder, was changed last.
 * @param {string} path
 * @returns {number}
 */
function newestIn(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))))
}
