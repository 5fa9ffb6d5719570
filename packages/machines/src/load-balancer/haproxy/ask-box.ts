import type { SshSession } from '../../remote-shell/index.ts'

const timeoutMs = 10_000

/**
 * Gives what a script on a box says on standard output. Not by `SshSession.run`, which may be another user's by sudo: the
 * question is what this one may do.
 * @throws {VesemirError} as `RemoteSession.run`
 */
export async function askBox(
  session: SshSession,
  { script, sent, signal }: { script: string; sent?: string; signal: AbortSignal },
): Promise<string> {
  const input = sent === undefined ? {} : { input: once(sent) }
  const { stdout } = await session.runAsUser(script, { timeoutMs, signal, ...input })
  return stdout.trim()
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
