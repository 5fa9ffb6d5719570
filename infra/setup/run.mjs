// Sets a fresh machine up, then runs a TypeScript file: `node infra/setup/run.mjs <target.ts> [args…]`.
// Plain JavaScript of Node's own modules: it runs on Node 18 or newer, before anything is installed.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPages } from './build-pages.mjs'
import { installPackages } from './debian-packages.mjs'
import { fetchHaproxyVersions } from './haproxy-versions.mjs'
import { runTarget } from './run-target.mjs'
import { SetupProblem, say } from './say.mjs'
import { installWorkspace } from './workspace.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const target = process.argv.slice(2)

try {
  if (target.length === 0) throw new SetupProblem('usage: node infra/setup/run.mjs <target.ts> [arguments…]')
  const startedMs = Date.now()
  const purpose = purposeOf(target[0] ?? '')
  if (purpose !== 'build') await installPackages(purpose)
  const versions = purpose === 'tests' ? fetchHaproxyVersions() : undefined
  await installWorkspace(root)
  await buildPages(root)
  await versions
  say(`ready after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`)
  await runTarget(root, target)
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error
  say(error.message)
  process.exitCode = 1
}

/**
 * @param {string} file
 * @returns {'tests' | 'bench' | 'build' | undefined} nothing but npm's packages is needed to build
 */
function purposeOf(file) {
  if (file === 'infra/setup/test.ts') return 'tests'
  if (file === 'infra/packages/main.ts') return 'build'
  return file.startsWith('infra/bench/') ? 'bench' : undefined
}
