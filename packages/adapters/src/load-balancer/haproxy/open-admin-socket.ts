import { isVesemirError, VesemirError } from '@vesemir/core'
import type { Duplex } from 'node:stream'
import type { SshSession, Sudo } from '../../remote-shell/index.ts'
import { findObstacle } from './find-obstacle.ts'
import { openBySudo } from './open-by-sudo.ts'
import { socketPlace } from './socket-place.ts'

/**
 * Connects to HAProxy's admin socket on a box: by the SSH connection itself, else by socat on the box, where sshd forbids
 * the first or only another user may use the socket.
 * @throws {VesemirError} `HAPROXY_UNREACHABLE`, `HAPROXY_PERMISSION`, `SSH_CONNECTION_LOST`
 */
export async function openAdminSocket(
  session: SshSession,
  { socket, sudo, signal }: { socket: string; sudo: Sudo | undefined; signal: AbortSignal },
): Promise<Duplex> {
  const place = socketPlace(socket, session.target)
  if (!('path' in place)) return openTcp(session, place, signal)
  const { path } = place
  if (sudo) return openBySudo(session, { path, sudo, signal })
  try {
    const [stream] = await Promise.all([session.openUnixSocket(path, signal), stopDelays(session, signal)])
    return stream
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    await findObstacle(session, { path, signal })
    return session.openCommand(`exec socat - UNIX-CONNECT:${path}`, signal)
  }
}

/**
 * Makes sshd send at once. It sets TCP_NODELAY only when a first command starts (OpenSSH, packet_set_interactive); without
 * one, all answers longer than a packet wait 40 ms for the other end's delayed ACK. Where it allows none, they are slow.
 */
async function stopDelays(session: SshSession, signal: AbortSignal): Promise<void> {
  const stream = await session.openCommand('exit', signal).catch(() => undefined)
  stream?.resume().on('end', () => stream.destroy())
}

async function openTcp(
  session: SshSession,
  to: { address: string; port: number },
  signal: AbortSignal,
): Promise<Duplex> {
  try {
    const [stream] = await Promise.all([session.openTcpSocket(to, signal), stopDelays(session, signal)])
    return stream
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    const at = `${to.address}:${to.port}`
    const message = `${session.target.name} could not be connected to HAProxy at ${at}: ${String(error)}`
    throw new VesemirError('HAPROXY_UNREACHABLE', message, { cause: error })
  }
}
