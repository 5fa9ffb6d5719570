import { durationMs, type HostTarget } from '@vesemir/contract'
import type { RemoteShell } from '@vesemir/core'
import { TimeUp, withinTime } from '../within-time.ts'
import { connectClient } from './connect-client.ts'
import { readCredentials } from './credentials.ts'
import { knownHostKeys } from './host-keys.ts'
import { openSocket } from './open-socket.ts'
import type { SshOptions } from './ssh-options.ts'
import { createSshSession, type SshSession } from './ssh-session.ts'
import { unreachable } from './unreachable.ts'

/** What SSH needs of its process: the environment, for a key's passphrase. */
export interface SshDeps {
  env: Readonly<Record<string, string | undefined>>
}

/** A remote shell whose sessions can also open sockets on the machine. */
export interface SshShell extends RemoteShell {
  connect(target: HostTarget, signal?: AbortSignal): Promise<SshSession>
}

/**
 * Opens sessions on machines by SSH. A host key that is not known beforehand is refused, before anything is sent.
 * @throws {VesemirError} `CONFIG_INVALID` when the private key cannot be read.
 */
export function createSsh(options: SshOptions, deps: SshDeps): SshShell {
  const credentials = readCredentials(options, deps.env)
  const connectTimeoutMs = durationMs(options.connectTimeout)
  const keepAliveIntervalMs = durationMs(options.keepAliveInterval)

  async function connect(target: HostTarget, signal?: AbortSignal): Promise<SshSession> {
    const hostKeys = knownHostKeys(target)
    let phase = `did not answer within ${options.connectTimeout}`
    try {
      return await withinTime({ timeoutMs: connectTimeoutMs, signal }, async (signal) => {
        const socket = await openSocket(target, signal)
        phase = `took the connection but did not finish logging in within ${options.connectTimeout}`
        const client = await connectClient(socket, { target, hostKeys, credentials, keepAliveIntervalMs, signal })
        return createSshSession(client, { target, socket, openTimeoutMs: connectTimeoutMs })
      })
    } catch (error) {
      throw error instanceof TimeUp ? unreachable(target, phase, error) : error
    }
  }

  return { connect }
}
