import { VesemirError, type RunOptions } from '@vesemir/core'
import { TimeUp, withinTime } from '../within-time.ts'
import type { Connection } from './connection.ts'
import { converse, type Exit } from './converse.ts'
import { guardedCommand } from './guarded-command.ts'
import { createOutput, type Output } from './output.ts'
import { startCommand } from './start-command.ts'
import { sudoWrap, type Sudo } from './sudo.ts'

/**
 * Runs a script by the machine's `sh`, as `RemoteSession.run`. When its time is up, or the caller gives up, the script is
 * ended with all that it started in its process group.
 * @throws {VesemirError} `COMMAND_FAILED`, `COMMAND_TIMED_OUT`, `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`
 */
export async function runScript(
  connection: Connection,
  script: string,
  { sudo, ...options }: RunOptions & { sudo: Sudo | undefined },
): Promise<{ stdout: string }> {
  const { env = {}, input } = options
  const wrap = sudo ? sudoWrap(sudo) : undefined
  const command = guardedCommand(script, { env, hasInput: input !== undefined, wrap })
  const output = createOutput(options.onLine)
  try {
    const exit = await withinTime(options, async (signal) => {
      const running = await startCommand(connection, command, signal)
      return converse(running, { sent: wrap?.sent ?? '', input, output, guarded: input === undefined, signal })
    })
    output.end()
    if (exit.how === 'code' && exit.exitCode === 0) return { stdout: output.stdout() }
    throw (exit.how === 'unknown' && connection.lost()) || commandFailed(connection, exit, output)
  } catch (error) {
    output.end()
    throw error instanceof TimeUp ? commandTimedOut(connection, options.timeoutMs, output) : error
  }
}

function commandFailed({ target }: Connection, exit: Exit, output: Output): VesemirError {
  const message = `The command on ${target.name} ${inWords(exit)}${lastWords(output)}`
  const { how: _, ...status } = exit
  return new VesemirError('COMMAND_FAILED', message, {
    details: { host: target.name, ...status, lastLines: output.lastLines() },
  })
}

function commandTimedOut({ target }: Connection, timeoutMs: number, output: Output): VesemirError {
  const message = `The command on ${target.name} was ended: it took longer than ${timeoutMs / 1000} s${lastWords(output)}`
  return new VesemirError('COMMAND_TIMED_OUT', message, {
    details: { host: target.name, timeoutMs, lastLines: output.lastLines() },
  })
}

function inWords(exit: Exit): string {
  switch (exit.how) {
    case 'code':
      return `ended with exit status ${exit.exitCode}`
    case 'signal':
      return `was killed by ${exit.signal}`
    case 'unknown':
      return 'ended without an exit status'
  }
}

function lastWords(output: Output): string {
  const line = output.lastErrorLine()
  return line === undefined ? '' : `: ${line}`
}
