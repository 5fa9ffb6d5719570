import { delimiter, join } from 'node:path'
import { runCommand, tail } from './run-command.mjs'
import { SetupProblem } from './say.mjs'

const builds = ['@vesemir/dashboard#build', '//#docs:build']

/**
 * Builds the web page and the documentation's site to where the API serves them from; nothing when turbo has them for these sources.
 * @param {string} root
 */
export async function buildPages(root) {
  const bin = join(root, 'node_modules/.bin')
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter), TURBO_TELEMETRY_DISABLED: '1' }
  const { ok, output } = await runCommand(join(bin, 'turbo'), ['run', ...builds], { cwd: root, env })
  if (!ok) throw new SetupProblem(`building the web page failed:\n${tail(output)}`)
}
