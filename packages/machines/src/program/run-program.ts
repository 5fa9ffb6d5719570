import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { VesemirError } from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { killGroup } from './kill-group.ts'
import { createTail } from '../remote-shell/ssh/tail.ts'

export interface Program {
  command: readonly string[]
  directory: string | undefined
  /** All that the program gets of an environment. */
  env: Readonly<Record<string, string>>
  timeoutMs: number
  maxOutputBytes: number
  /** What it reads from standard input; nothing unless given. */
  input?: string
}

interface Run {
  stdout: string
  stderr: string
  /** How it failed, in words that follow its name; nothing when it exited with 0. */
  failure?: string
}

/** As much of its errors as is kept: the end says most. */
const maxErrorBytes = 4096

/**
 * Runs a program without a shell. When it must end, its whole process group is killed. Whatever it did, what
 * it wrote to stderr is returned, for messages.
 * @throws {VesemirError} `CONFIG_INVALID` when it cannot be started, `INVENTORY_ANSWER_INVALID` when it prints too much
 */
export async function runProgram(program: Program, signal?: AbortSignal): Promise<Run> {
  const { command, directory, env, timeoutMs, maxOutputBytes, input } = program
  const [file = '', ...args] = command
  const child = spawn(file, args, { cwd: directory, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  // One that reads nothing of it closes its end.
  child.stdin.on('error', () => {}).end(input)
  const errors = createTail(maxErrorBytes)
  child.stderr.on('data', (chunk: Buffer) => errors.write(chunk))
  try {
    return await withinTime({ timeoutMs, signal }, async () => {
      const [stdout, failure] = await Promise.all([
        readAll(child.stdout, { file, maxOutputBytes }),
        exitOf(child, file),
      ])
      return { stdout, stderr: errors.text(), ...(failure !== undefined && { failure }) }
    })
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error
    return { stdout: '', stderr: errors.text(), failure: `did not end within ${timeoutMs / 1000} s and was killed` }
  } finally {
    killGroup(child.pid)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

async function readAll(
  stdout: Readable,
  { file, maxOutputBytes }: { file: string; maxOutputBytes: number },
): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxOutputBytes)
      throw new VesemirError(
        'INVENTORY_ANSWER_INVALID',
        `${file} prints more than ${maxOutputBytes} bytes and was killed`,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

async function exitOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  file: string,
): Promise<string | undefined> {
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null]
    if (code === 0) return undefined
    return code === null ? `was ended by ${killedBy}` : `exited with ${code}`
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new VesemirError('CONFIG_INVALID', `the command ${file} cannot be started: ${code ?? message}`, {
      cause,
    })
  }
}
