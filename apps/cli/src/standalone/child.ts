import { spawn, type ChildProcess } from 'node:child_process'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { VesemirError } from '@vesemir/core'

export interface ChildOptions {
  name: string
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** The folder of the logs. The one before is kept as `.1`. */
  logs: string
  /** How long it may take to end by itself. */
  stopWithinMs: number
}

/** A process that runs beside this one until it is disposed of. */
export interface Child extends AsyncDisposable {
  /** Rejects when the child ends without having been told to. */
  failure: Promise<never>
  /** Waits until `isReady`, which is given the child's log. Fails when the child ends before, or takes too long. */
  ready: (isReady: (log: string) => boolean | Promise<boolean>) => Promise<void>
}

/**
 * Starts a child in a process group of its own: Ctrl-C in the terminal would otherwise reach all at once, and they are to
 * end in order.
 */
export async function startChild({ name, command, args, env, logs, stopWithinMs }: ChildOptions): Promise<Child> {
  const logFile = join(logs, `${name}.log`)
  await rename(logFile, `${logFile}.1`).catch(() => {})
  await using log = await open(logFile, 'a', 0o600)
  const child = spawn(...endingWithUs(command, args), { stdio: ['ignore', log.fd, log.fd], detached: true, env })
  const ended = waitForEnd(child)
  const { promise: failure, reject } = Promise.withResolvers<never>()
  // Whoever waits is told; until someone does, it is not an error of this process.
  failure.catch(() => {})
  const fail = (how: string) => reject(new VesemirError('STANDALONE_FAILED', `${name} ${how}. Its log: ${logFile}`))
  let isStopping = false
  void ended.then((how) => isStopping || fail(how))
  return {
    failure,
    async ready(isReady) {
      const late = setTimeout(fail, readyWithinMs, `was not ready in ${readyWithinMs / 1000} s`)
      try {
        while (!(await Promise.race([failure, readFile(logFile, 'utf8').then(isReady)])))
          await Promise.race([failure, sleep(pollMs)])
      } finally {
        clearTimeout(late)
      }
    },
    async [Symbol.asyncDispose]() {
      isStopping = true
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await ended
      clearTimeout(late)
    },
  }
}

const readyWithinMs = 30_000
const pollMs = 50

/** On Linux, util-linux's setpriv has the kernel end the child when we are killed: nothing is left to hold the data. */
function endingWithUs(command: string, args: readonly string[]): [string, string[]] {
  return process.platform === 'linux' ? ['setpriv', ['--pdeathsig', 'TERM', command, ...args]] : [command, [...args]]
}

/** Describes how a child ended: `exited with 1`. */
function waitForEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`failed to start: ${error.message}`))
    child.once('exit', (code, signal) => resolve(signal === null ? `exited with ${code}` : `was killed by ${signal}`))
  })
}
