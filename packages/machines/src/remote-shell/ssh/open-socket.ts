import type { HostTarget } from '@vesemir/contract'
import { once } from 'node:events'
import { lookup } from 'node:dns'
import { connect, type LookupFunction, type Socket } from 'node:net'
import { whyUnreachable } from '../../inventory/address.ts'
import { unreachable, type ReachCode } from './unreachable.ts'

/**
 * Opens a TCP connection. ssh2's own socket lacks TCP_NODELAY and spends 100 to 200 ms of each handshake on delayed ACKs.
 * @throws {VesemirError} `SSH_NAME_UNKNOWN`, `SSH_REFUSED`, `SSH_TIMED_OUT`, `SSH_UNREACHABLE`
 */
export async function openSocket(target: HostTarget, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: target.address, port: target.port, noDelay: true, lookup: lookupMachine })
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    const { code = '', message } = error as NodeJS.ErrnoException
    const known = reasons[code]
    throw unreachable(target, known?.words ?? `could not be connected to: ${message || code}`, {
      ...(known?.code && { code: known.code }),
      cause: error,
    })
  }
}

/** Resolves a name to addresses at which a machine may be: whoever writes the name writes what it resolves to, too. */
const lookupMachine: LookupFunction = (name, options, callback) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, '')
    const usable = found.filter(({ address }) => whyUnreachable(address) === undefined)
    const [first] = usable
    const [{ address } = { address: name }] = found
    if (!first) return callback(new Error(`${name} is at ${address}: ${whyUnreachable(address) ?? 'unknown'}`), '')
    if (options.all) callback(null, usable)
    else callback(null, first.address, first.family)
  })
}

const reasons: Record<string, { words: string; code?: ReachCode }> = {
  ENOTFOUND: { words: 'has an address that DNS does not know', code: 'SSH_NAME_UNKNOWN' },
  EAI_AGAIN: { words: 'has an address that DNS did not resolve', code: 'SSH_NAME_UNKNOWN' },
  ECONNREFUSED: {
    words: 'refused the connection: nothing listens on that port, or a firewall rejects it',
    code: 'SSH_REFUSED',
  },
  ETIMEDOUT: { words: 'did not answer', code: 'SSH_TIMED_OUT' },
  EHOSTUNREACH: { words: 'cannot be reached: no route to it, or it is down' },
  ENETUNREACH: { words: 'cannot be reached: no route to its network' },
  ECONNRESET: { words: 'reset the connection' },
}
