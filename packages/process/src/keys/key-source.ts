import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { VesemirError } from '@vesemir/core'
import { z } from 'zod'

/** Where a process reads a key: a file, a variable of its environment, or the output of a command. */
export const KeySource = z
  .union(
    [
      z.string().min(1),
      z.strictObject({ env: z.string().min(1) }),
      z.strictObject({ command: z.array(z.string()).min(1) }),
    ],
    { error: 'is neither the path of a file, nor { env: NAME }, nor { command: [PROGRAM, ARGUMENT] }' },
  )
  .meta({ title: 'path, {env: NAME} or {command: [PROGRAM, ARGUMENT]}' })
export type KeySource = z.infer<typeof KeySource>

const commandTimeoutMs = 30_000

/**
 * Reads a key. A command runs without a shell, for 30 s at most.
 * @throws {VesemirError} `CONFIG_INVALID`, which says where the key was sought, and nothing of it
 */
export async function readKey(source: KeySource, env: NodeJS.ProcessEnv): Promise<string> {
  if (typeof source === 'string') return attempt(source, () => readFile(source, 'utf8'))
  if ('command' in source) {
    const [program, ...args] = source.command as [string, ...string[]]
    const run = () => promisify(execFile)(program, args, { env, timeout: commandTimeoutMs })
    return (await attempt(`the command ${program}`, run)).stdout
  }
  const text = env[source.env]
  if (text) return text
  throw new VesemirError('CONFIG_INVALID', `the variable ${source.env} is not set: it holds a key`)
}

async function attempt<Result>(where: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    const { code = 'it failed' } = cause as { code?: string | number }
    throw new VesemirError('CONFIG_INVALID', `${where} does not yield a key: ${code}`)
  }
}
