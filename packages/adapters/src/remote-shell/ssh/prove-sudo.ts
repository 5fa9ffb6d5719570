import { VesemirError } from '@vesemir/core'
import { TimeUp, withinTime } from '../within-time.ts'
import type { Connection } from './connection.ts'
import { converse } from './converse.ts'
import { createOutput } from './output.ts'
import { startCommand } from './start-command.ts'
import { sudoProof, type Sudo } from './sudo.ts'

/**
 * Makes sure that sudo lets commands run. A wrong password is found here, where nothing can be taken for a second try.
 * @throws {VesemirError} `SUDO_REFUSED`, `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`
 */
export async function proveSudo(
  connection: Connection,
  { sudo, ...limits }: { sudo: Sudo; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  const { command, sent } = sudoProof(sudo)
  const output = createOutput()
  try {
    const exit = await withinTime(limits, async (signal) => {
      const running = await startCommand(connection, command, signal)
      return converse(running, { sent, input: nothing(), output, guarded: false, signal })
    })
    output.end()
    if (exit.how === 'code' && exit.exitCode === 0) return
    throw (exit.how === 'unknown' && connection.lost()) || refused(connection, sudo, output.lastErrorLine())
  } catch (error) {
    throw error instanceof TimeUp ? refused(connection, sudo, 'it gave no answer in time') : error
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function refused({ target }: Connection, { user }: Sudo, why = 'it does not say why'): VesemirError {
  const message = `${target.user} may not run commands as ${user} on ${target.name}: ${why}`
  return new VesemirError('SUDO_REFUSED', message, { details: { host: target.name } })
}
