import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** How the command line reaches the demo's API. */
export interface Vesemir {
  url: string
  token: string
  /** Where its output goes: 1, or 2 when stdout belongs to a program. */
  stdout: 1 | 2
  signal: AbortSignal
}

const cli = join(import.meta.dirname, '../../apps/cli/src/main.ts')

/** Runs `vesemir` as a person does, on the same terminal, and gives its exit code. */
export async function runVesemir(args: readonly string[], { url, token, stdout, signal }: Vesemir): Promise<number> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', stdout, 2],
    env: { ...process.env, VESEMIR_URL: url, VESEMIR_TOKEN: token },
  })
  // On a terminal, Ctrl-C has reached it already.
  const interrupt = () => void child.kill('SIGINT')
  signal.addEventListener('abort', interrupt)
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return code ?? 1
  } finally {
    signal.removeEventListener('abort', interrupt)
  }
}
