import { addAbortListener } from 'node:events'
import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'

// So much is taken in at once; then others get their turn. Meanwhile ssh2's window, 2 MiB, makes the machine wait.
const turnBytes = 256 * 1024

/** Reads a stream to its end. When taking a chunk gives a promise, the next comes after it. */
export function consume(stream: Readable, take: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  let takenBytes = 0
  const nextTurn = () => {
    takenBytes = 0
    stream.resume()
  }
  stream.on('data', (chunk: Buffer) => {
    const patience = take(chunk)
    takenBytes += chunk.length
    if (patience) {
      stream.pause()
      void patience.then(nextTurn, nextTurn)
    } else if (takenBytes >= turnBytes) {
      stream.pause()
      setImmediate(nextTurn)
    }
  })
  return new Promise((resolve) => stream.once('end', resolve))
}

/**
 * Sends input to a command as fast as it takes it, then ends its standard input; the next chunk is asked for when nothing of
 * the one before is needed any more. Stops early when the signal is aborted, or the channel has closed.
 */
export async function feed(
  channel: ClientChannel,
  input: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const chunk of input) {
      if (signal.aborted || !(await takes(channel, chunk, signal))) return
    }
    channel.end()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Whether a channel has taken a chunk. One that has closed takes nothing more, and mostly does not say so. */
async function takes(channel: ClientChannel, chunk: Uint8Array, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  using _listener = addAbortListener(signal, () => resolve(false))
  channel.write(chunk, (error) => resolve(!error))
  return await promise
}
