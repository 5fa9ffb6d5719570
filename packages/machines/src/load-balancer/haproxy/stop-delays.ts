import type { SshSession } from '../../remote-shell/index.ts'

/**
 * Makes sshd send at once. It sets TCP_NODELAY only when a first command starts (OpenSSH, packet_set_interactive); without
 * one, all answers longer than a packet wait 40 ms for the other end's delayed ACK. Where it allows none, they are slow.
 */
export async function stopDelays(session: SshSession, signal: AbortSignal): Promise<void> {
  const stream = await session.openCommand('exit', signal).catch(() => undefined)
  stream?.resume().on('end', () => stream.destroy())
}
