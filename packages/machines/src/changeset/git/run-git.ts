import { VesemirError } from '@vesemir/core'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Git ended with another status than 0; its last words are the message, all of them are `output`. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed'
  readonly output: string

  constructor(message: string, { cause, output }: { cause: unknown; output: string }) {
    super(message, { cause })
    this.output = output
  }
}

export interface RunGitOptions {
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal
}

/**
 * Runs git and returns its standard output. It asks nobody for a password, and speaks no protocol that could run commands.
 * @throws {GitFailed}
 * @throws {VesemirError} `WORKER_TOOL_MISSING`
 */
export async function runGit(args: readonly string[], { env, signal }: RunGitOptions): Promise<string> {
  const always = {
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'https:ssh:file',
    GIT_SSH_COMMAND: env.GIT_SSH_COMMAND ?? 'ssh -o BatchMode=yes',
    GIT_LFS_SKIP_SMUDGE: '0',
  }
  signal.throwIfAborted()
  try {
    const { stdout } = await run('git', args, { env: { ...env, ...always }, signal, maxBuffer: 16 * 1024 * 1024 })
    return stdout
  } catch (error) {
    signal.throwIfAborted()
    const { code, stderr = '' } = error as { code?: string | number; stderr?: string }
    if (code === 'ENOENT')
      throw new VesemirError('WORKER_TOOL_MISSING', 'git is not installed on this worker', { cause: error })
    const lastWords = stderr.trim().split('\n').at(-1)
    throw new GitFailed(lastWords || `git ended with ${code}`, { cause: error, output: stderr })
  }
}
