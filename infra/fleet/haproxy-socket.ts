import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** Sends one command to an HAProxy's admin socket and gives the whole answer. */
export async function askHaproxy(path: string, command: string): Promise<string> {
  const socket = connect({ path, timeout: 5_000 })
  socket.on('timeout', () => socket.destroy(new Error(`HAProxy did not answer "${command}" on ${path}`)))
  socket.write(`${command}\n`)
  return text(socket)
}
