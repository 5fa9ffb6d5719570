import { orAborted } from '@vesemir/process/waiting'
import { consume } from './channel-streams.ts'
import type { Command, Exit } from './converse.ts'
import { killGroup } from './guarded-command.ts'
import { loginShellCommand } from './login-shell-command.ts'
import { ownLines, runOwnLines } from './own-script.ts'
import type { ScriptOutput } from './script-output.ts'
import type { ScriptProof } from './script-proof.ts'
import type { Sudo } from './sudo.ts'
import { shellQuote } from '../shell-quote.ts'

// What it printed last may still be on its way.
const quietMs = 500

/** A script of Vesemir's own, and what shows that it was run. */
export interface OwnScript {
  script: string
  env: Readonly<Record<string, string>>
  proof: ScriptProof
}

/**
 * A shell on the machine that is kept for Vesemir's own scripts, and runs one after the other: to start one costs the machine
 * a process, where a command of its own costs a channel, the login shell, a shell and the guard.
 */
export class KeptShell {
  readonly #command: Command
  readonly #closed: Promise<unknown>
  #turn: Turn | undefined
  #exit: Exit = { how: 'unknown' }
  #isLeaving = false
  #isMixed = false

  /** As whom it runs scripts. */
  readonly sudo: Sudo | undefined

  /** Keeps a shell that was started by `keptShellCommand`, to which something is sent before all else. */
  constructor(command: Command, { sent, sudo }: { sent: string; sudo: Sudo | undefined }) {
    this.#command = command
    this.sudo = sudo
    const { channel, exited } = command
    if (sent) channel.write(sent)
    const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => this.#turn?.take(stream, chunk)
    const closed = new Promise((resolve) => channel.once('close', resolve))
    this.#closed = Promise.all([consume(channel, take('stdout')), consume(channel.stderr, take('stderr')), closed])
    void this.#closed.then(() => {
      this.#isLeaving = true
      this.#turn?.settle()
    })
    void exited.then((exit) => this.#noteExit(exit))
  }

  /** Whether a script runs in it. */
  get isBusy(): boolean {
    return this.#turn !== undefined
  }

  /** Whether it takes a script. */
  get isFree(): boolean {
    return !this.#isLeaving && !this.#turn
  }

  /** Whether standard error comes among standard output, or not at all: what stands between cannot be trusted with lines either. */
  get isMixed(): boolean {
    return this.#isMixed
  }

  /**
   * Runs a script, or waits for the end of the one that the shell was started with. When the signal is aborted, the script is ended
   * with the shell.
   */
  async run(next: OwnScript | undefined, output: ScriptOutput, signal: AbortSignal): Promise<Exit> {
    const { channel } = this.#command
    const turn = (this.#turn = startTurn(output, () => (this.#isMixed = true)))
    if (next) channel.write(`${lineOf(next)}\n`)
    try {
      await orAborted(turn.ended, signal)
      return this.#exit
    } catch (error) {
      this.#isLeaving = true
      channel.close()
      throw error
    } finally {
      turn.stop()
      this.#turn = undefined
      if (this.#isMixed) void this.end()
    }
  }

  /** Takes no more scripts, and ends: at once when none runs, else when that has ended. Settles when the shell is gone. */
  async end(): Promise<void> {
    if (!this.#isLeaving) {
      this.#isLeaving = true
      await this.#turn?.ended.catch(() => {})
      this.#command.channel.end('exit\n')
    }
    await this.#closed
  }

  #noteExit(exit: Exit): void {
    this.#exit = exit
    // What it has left running may hold its output open.
    const timer = setTimeout(() => this.#command.channel.close(), quietMs)
    void this.#closed.then(() => clearTimeout(timer))
  }
}

interface Turn {
  take: (stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void> | undefined
  /** Settles when the script has ended and its output was taken, or nothing more comes of it. */
  ended: Promise<void>
  settle: () => void
  stop: () => void
}

function startTurn(output: ScriptOutput, noteMixed: () => void): Turn {
  const { promise: ended, resolve: settle, reject: fail } = Promise.withResolvers<void>()
  const patience = new Map<'stdout' | 'stderr', Promise<void>>()
  let quiet: NodeJS.Timeout | undefined
  const settleOnceTaken = () => void Promise.allSettled(patience.values()).then(() => settle())
  const settleMixed = () => {
    noteMixed()
    settleOnceTaken()
  }
  const endOfErrors = () => {
    const where = output.errorsEnded()
    if (where === 'apart') settleOnceTaken()
    else if (where === 'among') settleMixed()
    // While the machine waits for us, more of them may be on their way.
    else quiet ??= setTimeout(() => (patience.size > 0 ? quiet?.refresh() : settleMixed()), quietMs)
  }
  return {
    ended,
    settle,
    stop: () => clearTimeout(quiet),
    take(stream, chunk) {
      try {
        const asked = output.take(stream, chunk)?.finally(() => patience.delete(stream))
        if (asked) patience.set(stream, asked)
        quiet?.refresh()
        if (output.status() !== undefined) endOfErrors()
        return asked
      } catch (error) {
        // Thrown on, a listener's error would break the connection.
        fail(error)
        return undefined
      }
    },
  }
}

/**
 * Builds the command line of a shell that runs a script, and then those that come as a line each. It reads lines in the meantime: where
 * its standard input ends it ends the script, with all of its process group, first asking, after five seconds by force.
 *
 * With another `TMOUT`, bash and ksh would take so many seconds without a line for the end.
 */
export function keptShellCommand(first: OwnScript, parts: { by: string | undefined; firstCommand: string }): string {
  const commands = `${parts.firstCommand}TMOUT=0; trap : HUP INT TERM; { ${run(first.proof)}; } & ${readLines}; ${endScript}`
  return loginShellCommand(commands, { by: parts.by, script: ownLines(first.script, first.env).join('\n') })
}

// `$IFS` is a newline, as `loginShellCommand` has left it.
const readLines = `set --; while IFS= read -r VESEMIR_LINE; do [ "$VESEMIR_LINE" != exit ] || exit 0; { eval "$VESEMIR_LINE"; } & done`

// `$!` is the last script. Process 0 is the whole group, in which sudo may be too.
const endScript = 'set -- $!; trap "" HUP INT TERM; kill -TERM 0; ' + `(${killGroup}) >/dev/null 2>&1 & wait $1`

function lineOf({ script, env, proof }: OwnScript): string {
  return `set -- ${ownLines(script, env).map(shellQuote).join(' ')}; ${run(proof)}`
}

/** All of a script's output has come once both streams have ended. */
function run({ begin, end, endErrors }: ScriptProof): string {
  return `${begin}; ${runOwnLines(`${endErrors} >&2 || :; ${end}`)}`
}
