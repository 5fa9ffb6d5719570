import { text } from 'node:stream/consumers'
import type { SshSession } from '../../remote-shell/index.ts'
import { withinTime } from '../../remote-shell/within-time.ts'

const timeoutMs = 10_000

/**
 * Gives what a command on a box says on standard output. Not by `SshSession.run`, which may be another user's by sudo: the
 * question is what this one may do.
 */
export async function askBox(
  session: SshSession,
  { command, sent = '', signal }: { command: string; sent?: string; signal: AbortSignal },
): Promise<string> {
  const said = await withinTime({ timeoutMs, signal }, async (signal) => {
    const stream = await session.openCommand(command, signal)
    if (sent) stream.end(sent)
    return text(stream).finally(() => stream.destroy())
  })
  return said.trim()
}
