import { isVesemirError, VesemirError } from '@vesemir/core'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { shellQuote, type SshSession } from '../../remote-shell/index.ts'
import { withinTime } from '../../remote-shell/within-time.ts'

/**
 * Connects to HAProxy's admin socket on a box: by the SSH connection itself, else by socat on the box, where sshd forbids
 * the first or only root may use the socket.
 * @throws {VesemirError} `HAPROXY_UNREACHABLE`, `HAPROXY_PERMISSION`, `SSH_CONNECTION_LOST`
 */
export async function openAdminSocket(
  session: SshSession,
  { socket, sudo, signal }: { socket: string; sudo: boolean; signal: AbortSignal },
): Promise<Duplex> {
  const path = socket.replaceAll('{name}', session.target.name)
  if (!path.startsWith('/')) return openTcp(session, path, signal)
  if (sudo) {
    await findObstacle(session, { path, sudo, signal })
    return session.openCommand(`sudo -n socat - UNIX-CONNECT:${path}`, signal)
  }
  try {
    return await session.openUnixSocket(path, signal)
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    await findObstacle(session, { path, sudo, signal })
    return session.openCommand(`exec socat - UNIX-CONNECT:${path}`, signal)
  }
}

async function openTcp(session: SshSession, hostAndPort: string, signal: AbortSignal): Promise<Duplex> {
  const [address = '', port] = hostAndPort.split(':')
  try {
    const to = { address, port: Number(port) }
    return await session.openTcpSocket(to, signal)
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'SSH_CONNECTION_LOST')) throw error
    const message = `${session.target.name} could not be connected to HAProxy at ${hostAndPort}: ${String(error)}`
    throw new VesemirError('HAPROXY_UNREACHABLE', message, { cause: error })
  }
}

interface Attempt {
  path: string
  sudo: boolean
  signal: AbortSignal
}

const obstacleTimeoutMs = 10_000

/** A missing socket, one without permission, and sshd's own prohibition all read "open failed": the box can tell them apart. */
async function findObstacle(session: SshSession, attempt: Attempt): Promise<void> {
  const found = await withinTime({ timeoutMs: obstacleTimeoutMs, signal: attempt.signal }, async (signal) => {
    // Not by `run`, which may be another user's by sudo: the question is what this one may do.
    const stream = await session.openCommand(`exec sh -c ${shellQuote(obstacleScript(attempt))}`, signal)
    return text(stream).finally(() => stream.destroy())
  })
  const obstacle = obstacles[found.trim()]?.(attempt.path)
  if (!obstacle) return
  const [code, what] = obstacle
  throw new VesemirError(code, `${session.target.name}: ${what}`, { details: { host: session.target.name } })
}

function obstacleScript({ path, sudo }: Attempt): string {
  const asRoot = sudo ? 'sudo -n ' : ''
  const quoted = shellQuote(path)
  return `${sudo ? 'sudo -n true 2>/dev/null || { echo sudo; exit; }' : ''}
folder=$(dirname ${quoted})
if ! ${asRoot}test -x "$folder" && test -d "$folder"; then echo folder
elif ! ${asRoot}test -S ${quoted}; then echo missing
elif ! ${asRoot}test -w ${quoted}; then echo denied
elif ! command -v socat >/dev/null; then echo socat
fi`
}

const obstacles: Record<string, (path: string) => ['HAPROXY_UNREACHABLE' | 'HAPROXY_PERMISSION', string]> = {
  sudo: () => ['HAPROXY_PERMISSION', 'the SSH user may not run sudo without a password'],
  folder: (path) => ['HAPROXY_PERMISSION', `the SSH user may not look into the folder of ${path}`],
  missing: (path) => ['HAPROXY_UNREACHABLE', `there is no socket at ${path}`],
  denied: (path) => ['HAPROXY_PERMISSION', `the SSH user may not write to ${path}`],
  socat: () => ['HAPROXY_UNREACHABLE', 'sshd does not forward to the admin socket, and socat is not installed'],
}
