import { isVesemirError, VesemirError } from '@vesemir/core'
import type { Connection } from './connection.ts'
import { runScript } from './run-script.ts'
import { sudoProof, type Sudo } from './sudo.ts'

/**
 * Makes sure that sudo lets commands run. A wrong password is found here, where nothing can be taken for a second try.
 * @throws {VesemirError} `SUDO_REFUSED`, `SCRIPT_NOT_RUN`, `SSH_CHANNEL_REFUSED`, `SSH_CONNECTION_LOST`
 */
export async function proveSudo(
  connection: Connection,
  { sudo, ...limits }: { sudo: Sudo; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<void> {
  const { script, sent } = sudoProof(sudo)
  let said: string | undefined
  async function* input() {
    yield Buffer.from(sent)
  }
  try {
    await runScript(connection, script, {
      ...limits,
      sudo: undefined,
      input: input(),
      onLine: ({ text }) => void (said = text.trim() || said),
    })
  } catch (error) {
    if (isVesemirError(error, 'COMMAND_TIMED_OUT')) throw refused(connection, sudo, 'it gave no answer in time')
    throw isVesemirError(error, 'COMMAND_FAILED') ? refused(connection, sudo, said) : error
  }
}

function refused({ target }: Connection, { user }: Sudo, why = 'it does not say why'): VesemirError {
  const message = `${target.user} may not run commands as ${user} on ${target.name}: ${why}`
  return new VesemirError('SUDO_REFUSED', message, { details: { host: target.name } })
}
