import { delimiter, join } from 'node:path'
import { runCommand, tail } from './run-command.mjs'
import { SetupProblem } from './say.mjs'

/**
 * Builds the web page to apps/dashboard/dist, from where the API serves it; nothing when turbo has it for these sources.
 * @param {string} root
 */
export async function buildPage(root) {
  const bin = join(root, 'node_modules/.bin')
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter), TURBO_TELEMETRY_DISABLED: '1' }
  const { ok, output } = await runCommand(join(bin, 'turbo'), ['run', '@vesemir/dashboard#build'], { cwd: root, env })
  if (!ok) throw new SetupProblem(`building the web page failed:\n${tail(output)}`)
}
