import { VesemirError } from '@vesemir/core'
import { openChannel, type Connection } from './connection.ts'
import { hostWords } from './host-words.ts'
import type { Command, Exit } from './converse.ts'

/**
 * Starts a command line on the machine.
 * @throws {VesemirError} `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`
 */
export async function startCommand(connection: Connection, command: string, signal: AbortSignal): Promise<Command> {
  const { promise: exited, resolve } = Promise.withResolvers<Exit>()
  try {
    const channel = await openChannel(connection, signal, (callback) =>
      connection.client.exec(command, (error, channel) => {
        // Listened for at once: a quick command's exit can come in the same packet as the news of its start.
        channel?.on('exit', (exitCode: number | null, signal: string) =>
          resolve(exitCode === null ? { how: 'signal', signal } : { how: 'code', exitCode }),
        )
        callback(error, channel)
      }),
    )
    return { channel, exited }
  } catch (error) {
    if (error instanceof VesemirError) throw error
    const { name } = connection.target
    const message = `${name} did not start the command: ${hostWords(error instanceof Error ? error.message : String(error))}`
    throw new VesemirError('SSH_CHANNEL_REFUSED', message, { cause: error, details: { host: name } })
  }
}
