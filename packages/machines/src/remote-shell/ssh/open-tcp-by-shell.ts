import { VesemirError, type ProbeTarget } from '@vesemir/core'
import type { ClientChannel } from 'ssh2'
import { readScript } from '../../read-script.ts'
import { shellQuote } from '../shell-quote.ts'
import type { Connection } from './connection.ts'
import { sanitizeHostText } from './sanitize-host-text.ts'
import { openScript, readWhile } from './open-script.ts'

const connect = readScript(new URL('./connect-tcp.sh', import.meta.url))

/**
 * Opens a TCP connection from the machine itself by a shell there, for where sshd forbids forwarding.
 * @throws {VesemirError} `HOST_TOOL_MISSING`, `SCRIPT_NOT_RUN`; a connection that is refused is an ordinary `Error`
 */
export async function openTcpByShell(
  connection: Connection,
  { address, port }: ProbeTarget,
  signal: AbortSignal,
): Promise<ClientChannel> {
  const script = `command -v bash >/dev/null || exit; exec bash -c ${shellQuote(connect)} ${shellQuote(address)} ${port}`
  const channel = await openScript(connection, script, signal)
  const said: Buffer[] = []
  await readWhile(channel, signal, (chunk) => {
    said.push(chunk)
    return !chunk.includes(newline)
  })
  const all = Buffer.concat(said)
  const end = all.indexOf(newline)
  if (all.toString('utf8', 0, Math.max(0, end)) === 'open') {
    channel.unshift(all.subarray(end + 1))
    return channel
  }
  channel.close()
  throw connection.lost() ?? refusal(connection, sanitizeHostText(all.toString()))
}

const newline = 0x0a

function refusal({ target: { name } }: Connection, said: string): Error {
  if (said !== '' && !said.includes('No such file')) return new Error(said.split(': ').at(-1)?.trim())
  const message = `${name} cannot be asked from itself: its sshd forbids forwarding (AllowTcpForwarding), and it has no bash`
  return new VesemirError('HOST_TOOL_MISSING', message, { details: { host: name } })
}
