import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunOptions {
  url?: string
  /** The folder that holds the settings; none are there without it. */
  home?: string
  stdin?: string
  /** Send SIGINT when this is in stdout. */
  interruptAt?: string
  readFirstOnly?: boolean
  /** Variables besides. */
  env?: Record<string, string>
}

const main = join(import.meta.dirname, '../main.ts')

/** Runs `vesemir` without a terminal and with nothing of the environment, and gives what it wrote and its exit code. */
export async function runCli(args: readonly string[], options: RunOptions = {}) {
  const { url, home = '/nonexistent', stdin = '', interruptAt, readFirstOnly, env } = options
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      HOME: home,
      TZ: 'UTC',
      NODE_COMPILE_CACHE: join(tmpdir(), 'vesemir-compile-cache'),
      ...(url === undefined ? {} : { VESEMIR_URL: url }),
      ...env,
    },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk
    if (interruptAt !== undefined && stdout.includes(interruptAt)) child.kill('SIGINT')
    if (readFirstOnly) child.stdout.destroy()
  })
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk))
  child.stdin.end(stdin)
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, stdout, stderr }
}
