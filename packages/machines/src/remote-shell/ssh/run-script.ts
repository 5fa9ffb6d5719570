import { VesemirError, type RunOptions } from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { constants } from 'node:os'
import type { Connection } from './connection.ts'
import { converse, type Exit } from './converse.ts'
import { guardedCommand } from './guarded-command.ts'
import { KeptShell, keptShellCommand, type OwnScript } from './kept-shell.ts'
import { sanitizeHostText } from './sanitize-host-text.ts'
import { createScriptOutput, type ScriptOutput } from './script-output.ts'
import { createProof, type ScriptProof } from './script-proof.ts'
import { startCommand } from './start-command.ts'
import { sentEnvironment } from './sent-environment.ts'
import { sudoWrap, type Sudo } from './sudo.ts'

/**
 * Runs a script by the machine's `sh`, as `RemoteSession.run`. When its time is up, or the caller gives up, the script is
 * ended with all that it started in its process group.
 * @throws {VesemirError} `COMMAND_FAILED`, `COMMAND_TIMED_OUT`, `SCRIPT_NOT_RUN`, `SSH_CHANNEL_REFUSED`,
 * `SSH_CONNECTION_LOST`
 */
export async function runScript(
  connection: Connection,
  script: string,
  options: RunOptions & { sudo: Sudo | undefined },
): Promise<{ stdout: string }> {
  const proof = createProof()
  const output = createScriptOutput(proof, { onLine: options.onLine, masker: connection.masker })
  try {
    const exit = await withinTime(options, (signal) => start(connection, { script, proof, output, options, signal }))
    output.end()
    const status = output.status()
    if (status === 0) return { stdout: output.stdout() }
    if (status !== undefined) throw commandFailed(connection, { how: 'code', exitCode: status }, output)
    throw (exit.how === 'unknown' && connection.lost()) || unproven(connection, exit, output)
  } catch (error) {
    output.end()
    throw error instanceof TimeUp ? commandTimedOut(connection, options.timeoutMs, output) : error
  }
}

interface Start {
  script: string
  proof: ScriptProof
  output: ScriptOutput
  options: RunOptions & { sudo: Sudo | undefined }
  signal: AbortSignal
}

/** Runs a script by the shell that is kept for Vesemir's own, or by one of its own. */
async function start(connection: Connection, { script, proof, output, options, signal }: Start): Promise<Exit> {
  const { isOwn = false, env = {}, secretEnv, input, sudo } = options
  if (isOwn && input === undefined && secretEnv === undefined) {
    const exit = await runInKeptShell(connection, { script, env, proof }, { sudo, output, signal })
    if (exit) return exit
  }
  const wrap = sudo ? sudoWrap(sudo) : notWrapped
  const secrets = sentEnvironment(secretEnv)
  const command = guardedCommand(script, {
    isOwn,
    env,
    hasInput: input !== undefined,
    by: wrap.command,
    firstCommand: wrap.firstCommand + secrets.firstCommand,
    proof,
  })
  const running = await startCommand(connection, command, signal)
  return converse(running, { sent: wrap.sent + secrets.sent, input, output, guarded: input === undefined, signal })
}

const notWrapped = { command: undefined, firstCommand: '', sent: '' }

/**
 * Runs one of Vesemir's own scripts by the shell that is kept for them, which is started with the first. Undefined where that shell
 * has another to run.
 */
async function runInKeptShell(
  connection: Connection,
  own: OwnScript,
  { sudo, output, signal }: Pick<Start, 'output' | 'signal'> & { sudo: Sudo | undefined },
): Promise<Exit | undefined> {
  const { kept } = connection
  if (connection.keepsNoShell || kept === 'starting' || kept?.isBusy || (kept && kept.sudo !== sudo)) return undefined
  if (kept?.isFree) {
    const exit = await kept.run(own, output, signal)
    // One that has ended before it was given the script has not begun it.
    if (output.hasBegun() || connection.lost()) return exit
  }
  const wrap = sudo ? sudoWrap(sudo) : notWrapped
  connection.kept = 'starting'
  try {
    const command = keptShellCommand(own, { by: wrap.command, firstCommand: wrap.firstCommand })
    connection.kept = new KeptShell(await startCommand(connection, command, signal), { sent: wrap.sent, sudo })
    if (connection.keepsNoShell) void connection.kept.end()
  } catch (error) {
    connection.kept = undefined
    throw error
  }
  const exit = await connection.kept.run(undefined, output, signal)
  if (connection.kept.isMixed) connection.keepsNoShell = true
  return exit
}

/** Builds the error of a script whose end its shell did not tell. An exit status alone may be that of any program. */
function unproven(connection: Connection, exit: Exit, output: ScriptOutput): VesemirError {
  if (exit.how !== 'code' || (output.hasBegun() && exit.exitCode !== 0)) return commandFailed(connection, exit, output)
  const { name } = connection.target
  const what = output.hasBegun() ? 'did not run the script to its end' : 'did not run the script'
  const message = `${name} ${what}: what it ran instead ${inWords(exit)}${said(output)}`
  return new VesemirError('SCRIPT_NOT_RUN', message, {
    details: {
      host: name,
      exitCode: exit.exitCode,
      lastLines: [...output.greeting.lastLines(), ...output.lastLines()],
    },
  })
}

function commandFailed({ target }: Connection, exit: Exit, output: ScriptOutput): VesemirError {
  const message = `The command on ${target.name} ${inWords(exit)}${lastWords(output)}`
  const { how: _, ...status } = exit
  return new VesemirError('COMMAND_FAILED', message, {
    details: { host: target.name, ...status, lastLines: output.lastLines() },
  })
}

function commandTimedOut({ target }: Connection, timeoutMs: number, output: ScriptOutput): VesemirError {
  const beginning = output.hasBegun() ? '' : ` before the script began${said(output)}`
  const message = `The command on ${target.name} was ended: it took longer than ${timeoutMs / 1000} s${beginning || lastWords(output)}`
  return new VesemirError('COMMAND_TIMED_OUT', message, {
    details: { host: target.name, timeoutMs, lastLines: output.lastLines() },
  })
}

function inWords(exit: Exit): string {
  switch (exit.how) {
    case 'code':
      return `ended with exit status ${exit.exitCode}${signalOf(exit.exitCode)}`
    case 'signal':
      return `was killed by ${exit.signal}`
    case 'unknown':
      return 'ended without an exit status'
  }
}

/** A shell tells of a command that a signal killed by 128 and the signal's number. */
function signalOf(exitCode: number): string {
  const [name] = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128) ?? []
  return name === undefined ? '' : ` (${name})`
}

function lastWords(output: ScriptOutput): string {
  const line = output.lastErrorLine()
  return line === undefined ? '' : `: ${line}`
}

/** What a machine printed in place of a script's output: programs that refuse to run it give their reason on either stream. */
function said(output: ScriptOutput): string {
  const lines = [...output.greeting.lastLines(), ...output.lastLines()].map((line) => line.trim()).filter(Boolean)
  return lines.length === 0 ? ', and said nothing' : `, and said: ${sanitizeHostText(lines.slice(-3).join(' / '))}`
}
