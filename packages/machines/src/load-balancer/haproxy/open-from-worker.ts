import type { HostTarget } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { socketAddressOf } from './socket-address.ts'

/**
 * Connects to a box's admin socket from this process, without SSH.
 * @throws {VesemirError} `LOAD_BALANCER_UNREACHABLE`
 */
export async function openFromWorker(
  target: HostTarget,
  { socket: setting, timeoutMs, signal }: { socket: string; timeoutMs: number; signal: AbortSignal },
): Promise<Socket> {
  const place = socketAddressOf(setting, target)
  if ('path' in place) throw new TypeError('the settings allow no path here')
  const { address, port } = place
  const socket = connect({ host: address, port, noDelay: true, keepAlive: true })
  try {
    await withinTime({ timeoutMs, signal }, (signal) => once(socket, 'connect', { signal }))
    return socket
  } catch (error) {
    socket.on('error', () => {}).destroy()
    signal.throwIfAborted()
    const why = error instanceof TimeUp ? `no answer within ${timeoutMs} ms` : (error as Error).message
    const message = `${target.name}: the worker could not connect to HAProxy at ${address}:${port}: ${why}`
    throw new VesemirError('LOAD_BALANCER_UNREACHABLE', message, { cause: error, details: { host: target.name } })
  }
}
