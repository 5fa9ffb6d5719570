import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** How a run of `vesemir` ended. */
export interface CliResult {
  exit: number | null
  stdout: string
  stderr: string
}

const cli = join(import.meta.dirname, '../../apps/cli/src/main.ts')

/** Runs `vesemir` without a terminal, with an environment that holds nothing of the person's who runs the tests. */
export async function runCli(
  args: readonly string[],
  { url, token }: { url: string; token: string },
): Promise<CliResult> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', VESEMIR_URL: url, VESEMIR_TOKEN: token },
  })
  const [stdout, stderr, [exit]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { exit, stdout, stderr }
}
