import { isVesemirError, VesemirError } from '@vesemir/core'
import type { Duplex } from 'node:stream'
import type { SshSession, Sudo } from '../../remote-shell/index.ts'
import { findObstacle } from './find-obstacle.ts'
import { openBySudo } from './open-by-sudo.ts'
import { socketAddressOf } from './socket-address.ts'

/**
 * Connects to HAProxy's admin socket on a box: by the SSH connection itself, else by socat on the box, where sshd forbids
 * the first or only another user may use the socket.
 * @throws {VesemirError} `LOAD_BALANCER_UNREACHABLE`, `LOAD_BALANCER_PERMISSION`, `SSH_CONNECTION_LOST`
 */
export async function openAdminSocket(
  session: SshSession,
  { socket, sudo, signal }: { socket: string; sudo: Sudo | undefined; signal: AbortSignal },
): Promise<Duplex> {
  const place = socketAddressOf(socket, session.target)
  if (!('path' in place)) return openTcp(session, place, signal)
  const { path } = place
  if (sudo) return openBySudo(session, { path, sudo, signal })
  try {
    return await session.openUnixSocket(path, signal)
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    await findObstacle(session, { path, signal })
    return session.openScript(`exec socat - UNIX-CONNECT:${path}`, signal)
  }
}

async function openTcp(
  session: SshSession,
  to: { address: string; port: number },
  signal: AbortSignal,
): Promise<Duplex> {
  try {
    return await session.openTcpSocket(to, signal)
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    const at = `${to.address}:${to.port}`
    const message = `${session.target.name} could not be connected to HAProxy at ${at}: ${String(error)}`
    throw new VesemirError('LOAD_BALANCER_UNREACHABLE', message, { cause: error })
  }
}
