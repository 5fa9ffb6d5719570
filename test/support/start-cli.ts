import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { programOf } from '../../infra/vesemir/programs.ts'

/** How a run of `vesemir` ended. */
export interface CliResult {
  exit: number | null
  stdout: string
  stderr: string
}

/** A run of `vesemir`. */
export interface CliRun {
  /** Settles when it has first printed something on stdout, or has ended. */
  printed: Promise<unknown>
  ended: Promise<CliResult>
}

/** Starts `vesemir` without a terminal, with an environment that holds nothing of the person's who runs the tests. */
export function startCli(args: readonly string[], { url, token }: { url: string; token: string }): CliRun {
  const child = spawn(process.execPath, [...programOf('cli'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', VESEMIR_URL: url, VESEMIR_TOKEN: token },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text))
  const closed = once(child, 'close') as Promise<[number | null]>
  return {
    printed: Promise.race([once(child.stdout, 'data'), closed]),
    ended: closed.then(([exit]) => ({ exit, ...output })),
  }
}
