import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { SetupProblem } from './say.mjs'

/**
 * Runs a TypeScript file with the workspace's own Node (the machine's may be too old) and ends as it ends:
 * with its exit code, or by the signal that ended it. SIGINT and SIGTERM are passed on to it.
 * @param {string} root
 * @param {string[]} target file and arguments
 */
export async function runTarget(root, target) {
  const bin = join(root, 'node_modules/.bin')
  const child = spawn(join(bin, 'node'), target, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: [bin, process.env.PATH, '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter) },
  })
  // A Ctrl-C goes to the whole process group, so the target gets it without us; this side only must not die first.
  // Without a terminal the signal came to us alone.
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  process.on('SIGINT', forward).on('SIGTERM', forward)
  const { code, signal } = await new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new SetupProblem(`node does not start: ${cause.message}`)))
    child.on('exit', (code, signal) => resolve({ code, signal }))
  })
  process.off('SIGINT', forward).off('SIGTERM', forward)
  if (signal) process.kill(process.pid, signal)
  process.exitCode = code ?? 1
}
