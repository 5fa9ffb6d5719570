import { VesemirError } from '@vesemir/core'
import { orAborted, sleep } from '@vesemir/process/waiting'
import { openChannel, type Connection } from './connection.ts'
import { sanitizeHostText } from './sanitize-host-text.ts'
import type { Command, Exit } from './converse.ts'

/** sshd counts a session until it has noticed that its process is gone: at times after it has closed the channel. */
const pausesMs = [20, 50, 100, 200, 500, 1000, 2000]

/**
 * Starts a command line on the machine. sshd refuses what is beyond its `MaxSessions`: then it is tried again when another command
 * of the connection has ended.
 * @throws {VesemirError} `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`
 */
export async function startCommand(connection: Connection, command: string, signal: AbortSignal): Promise<Command> {
  let pauses = 0
  for (;;) {
    const others = [...connection.running]
    try {
      return await start(connection, command, signal)
    } catch (error) {
      if (error instanceof VesemirError) throw error
      connection.keepsNoShell = true
      if (connection.kept !== 'starting') void connection.kept?.end()
      if (others.length > 0) {
        await orAborted(Promise.race(others), signal)
        pauses = 0
        continue
      }
      const pauseMs = connection.hasRun ? pausesMs[pauses++] : undefined
      if (pauseMs === undefined) throw refused(connection, error)
      await sleep(pauseMs, signal)
    }
  }
}

async function start(connection: Connection, command: string, signal: AbortSignal): Promise<Command> {
  const { promise: exited, resolve } = Promise.withResolvers<Exit>()
  const end = noteRunning(connection)
  try {
    const channel = await openChannel(connection, signal, (callback) =>
      connection.client.exec(command, (error, channel) => {
        // Listened for at once: a quick command's exit can come in the same packet as the news of its start.
        channel?.on('exit', (exitCode: number | null, signal: string) =>
          resolve(exitCode === null ? { how: 'signal', signal } : { how: 'code', exitCode }),
        )
        channel?.once('close', end)
        callback(error, channel)
      }),
    )
    connection.hasRun = true
    return { channel, exited }
  } catch (error) {
    end()
    throw error
  }
}

/** Notes that a command is started, until what this returns is called. */
function noteRunning({ running }: Connection): () => void {
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  running.add(ended)
  return () => {
    running.delete(ended)
    resolve()
  }
}

function refused({ target: { name } }: Connection, error: unknown): VesemirError {
  const message = `${name} did not start the command: ${sanitizeHostText(error instanceof Error ? error.message : String(error))}`
  return new VesemirError('SSH_CHANNEL_REFUSED', message, { cause: error, details: { host: name } })
}
