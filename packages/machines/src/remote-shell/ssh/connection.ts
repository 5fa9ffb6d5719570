import type { HostTarget } from '@vesemir/contract'
import type { VesemirError } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import type { Client, ClientChannel } from 'ssh2'
import type { KeptShell } from './kept-shell.ts'

/** A client that is logged in, as the things that open channels on it see it. */
export interface LoggedIn {
  readonly client: Client
  readonly target: HostTarget
  /** Why the connection is gone; nothing while it stands. */
  lost(): VesemirError | undefined
}

/** A client by which a machine is asked and told things. */
export interface Connection extends LoggedIn {
  /** Takes secrets out of what the machine says. */
  readonly masker: Masker
  /** The commands that are started or run, each until it was refused or its channel is closed. */
  readonly running: Set<Promise<void>>
  /** Whether the machine has started a command. */
  hasRun: boolean
  /** The shell that is kept for Vesemir's own scripts. */
  kept: KeptShell | 'starting' | undefined
  /** Whether no shell is kept: where sshd refuses commands for want of room, or something between does not part its output. */
  keepsNoShell: boolean
  /** Whether sshd was seen to forbid forwarding. */
  forbidsForwarding: boolean
}

/**
 * Opens a channel. One that is granted only after the caller gave up is closed again.
 * @throws {VesemirError} `SSH_CONNECTION_LOST`; a refusal by the machine is an ordinary `Error` with ssh2's `reason`.
 */
export function openChannel(
  connection: LoggedIn,
  signal: AbortSignal,
  open: (callback: (error: Error | undefined, channel: ClientChannel) => void) => void,
): Promise<ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>()
  const answered = (error: Error | undefined, channel: ClientChannel) => {
    if (error) return reject(connection.lost() ?? error)
    // ssh2 tells of writes to a channel that is closed by this event alone.
    channel.on('error', () => {})
    if (signal.aborted) channel.close()
    resolve(channel)
  }
  try {
    open(answered)
  } catch (error) {
    // ssh2 throws when the socket has ended but not yet closed.
    reject(connection.lost() ?? error)
  }
  return promise
}
