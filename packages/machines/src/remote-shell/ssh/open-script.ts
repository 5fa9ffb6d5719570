import { isOver, isVesemirError, VesemirError } from '@vesemir/core'
import { once } from 'node:events'
import type { ClientChannel } from 'ssh2'
import type { Connection } from './connection.ts'
import { sanitizeHostText } from './sanitize-host-text.ts'
import { loginShellCommand } from './login-shell-command.ts'
import { createOutput, type Output } from './output.ts'
import { startCommand } from './start-command.ts'
import { createProof, createProofReader, type ScriptProof } from './script-proof.ts'

/**
 * Starts a script to converse with, whatever the login shell, and waits until it has begun: what the login shell printed before
 * is left out.
 * @throws {VesemirError} `SCRIPT_NOT_RUN`, `SSH_CONNECTION_LOST`; a refusal by the machine is an ordinary `Error`
 */
export async function openScript(connection: Connection, script: string, signal: AbortSignal): Promise<ClientChannel> {
  const proof = createProof()
  const command = loginShellCommand(`${proof.begin}; eval "$*"`, { script })
  const channel = await startChannel(connection, command, signal)
  const greeting = createOutput({ masker: connection.masker })
  const complain = (chunk: Buffer) => void greeting.take('stderr', chunk)
  channel.stderr.on('data', complain)
  try {
    if (await hasBegun(channel, { proof, greeting, signal })) return channel
    throw connection.lost() ?? notRun(connection, greeting.lastLines())
  } catch (error) {
    channel.close()
    throw error
  } finally {
    // Left unread, its complaints would stop it once the window is full.
    channel.stderr.off('data', complain).resume()
  }
}

async function startChannel(connection: Connection, command: string, signal: AbortSignal): Promise<ClientChannel> {
  try {
    const { channel } = await startCommand(connection, command, signal)
    return channel
  } catch (error) {
    throw isVesemirError(error, 'SSH_CHANNEL_REFUSED') ? error.cause : error
  }
}

/** Reads a channel up to where the script's own output begins. */
async function hasBegun(
  channel: ClientChannel,
  { proof, greeting, signal }: { proof: ScriptProof; greeting: Output; signal: AbortSignal },
): Promise<boolean> {
  const rest: Buffer[] = []
  const reader = createProofReader(proof, {
    before: (chunk) => greeting.take('stdout', chunk),
    since: (chunk) => void rest.push(chunk),
  })
  await readWhile(channel, signal, (chunk) => {
    void reader.take(chunk)
    return !reader.hasBegun()
  })
  reader.end()
  greeting.end()
  channel.unshift(Buffer.concat(rest))
  return reader.hasBegun()
}

/** Takes chunks of a channel for as long as they are wanted, or until it ends. */
export async function readWhile(
  channel: ClientChannel,
  signal: AbortSignal,
  wantsMore: (chunk: Buffer) => boolean,
): Promise<void> {
  let ended = false
  channel.once('end', () => (ended = true))
  while (!ended) {
    const chunk = channel.read() as Buffer | null
    if (chunk && !wantsMore(chunk)) return
    if (!chunk) await readableOrEnded(channel, signal)
  }
}

async function readableOrEnded(channel: ClientChannel, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const options = { signal: AbortSignal.any([signal, over.signal]) }
  try {
    await Promise.race([once(channel, 'readable', options), once(channel, 'end', options)])
  } finally {
    over.abort(isOver)
  }
}

function notRun({ target }: Connection, lines: readonly string[]): VesemirError {
  const said = lines.length === 0 ? 'and said nothing' : `and said: ${sanitizeHostText(lines.slice(-3).join(' / '))}`
  const message = `${target.name} did not run the script: what it ran instead ended, ${said}`
  return new VesemirError('SCRIPT_NOT_RUN', message, { details: { host: target.name, lastLines: lines } })
}
