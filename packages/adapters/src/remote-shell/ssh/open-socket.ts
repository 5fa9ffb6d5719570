import type { HostTarget } from '@vesemir/contract'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { unreachable } from './unreachable.ts'

/**
 * Opens a TCP connection. ssh2's own socket lacks TCP_NODELAY and spends 100 to 200 ms of each handshake on delayed ACKs.
 * @throws {VesemirError} `SSH_UNREACHABLE`
 */
export async function openSocket(target: HostTarget, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: target.address, port: target.port, noDelay: true })
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw unreachable(target, inWords(error), error)
  }
}

function inWords(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return words[code] ?? `could not be connected to: ${message || code}`
}

const words: Record<string, string> = {
  ENOTFOUND: 'has an address that no name server knows',
  EAI_AGAIN: 'has an address that the name server gave no answer for',
  ECONNREFUSED: 'refused the connection: nothing listens on that port, or a firewall rejects it',
  ETIMEDOUT: 'did not answer',
  EHOSTUNREACH: 'cannot be reached: no route to it, or it is down',
  ENETUNREACH: 'cannot be reached: no route to its network',
  ECONNRESET: 'broke off the connection',
}
