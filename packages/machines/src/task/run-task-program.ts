import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { VesemirError, type TaskOptions } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { killGroup } from '../program/kill-group.ts'
import { consume } from '../remote-shell/ssh/channel-streams.ts'
import { createOutput } from '../remote-shell/ssh/output.ts'

interface TaskProgram {
  command: readonly string[]
  directory?: string | undefined
  /** All that the program gets of an environment. */
  env: Readonly<Record<string, string>>
}

/**
 * Runs a program without a shell, and passes its output on as it comes. When it must end, its whole process group is killed.
 * @throws {VesemirError} `COMMAND_FAILED`, `COMMAND_TIMED_OUT`; `CONFIG_INVALID` when it cannot be started
 */
export async function runTaskProgram(
  { command, directory, env }: TaskProgram,
  { timeoutMs, onLine, signal, masker }: TaskOptions & { masker: Masker },
): Promise<void> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { cwd: directory, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = createOutput({ onLine, masker })
  try {
    const [failure] = await withinTime({ timeoutMs, signal }, () =>
      Promise.all([
        exitOf(child, file),
        consume(child.stdout, (chunk) => output.take('stdout', chunk)),
        consume(child.stderr, (chunk) => output.take('stderr', chunk)),
      ]),
    )
    if (failure === undefined) return
    const said = output.lastErrorLine()
    throw new VesemirError('COMMAND_FAILED', `${file} ${failure}${said === undefined ? '' : `: ${said}`}`)
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error
    throw new VesemirError('COMMAND_TIMED_OUT', `${file} did not end within ${timeoutMs / 1000} s and was killed`)
  } finally {
    killGroup(child.pid)
    output.end()
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

/** Returns how the program failed, in words that follow its name; nothing when it exited with 0. */
async function exitOf(child: ChildProcess, file: string): Promise<string | undefined> {
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null]
    if (code === 0) return undefined
    return code === null ? `was ended by ${killedBy}` : `exited with ${code}`
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new VesemirError('CONFIG_INVALID', `the program ${file} cannot be started: ${code ?? message}`, { cause })
  }
}
