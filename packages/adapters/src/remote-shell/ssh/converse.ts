import type { ClientChannel } from 'ssh2'
import { consume, feed } from './channel-streams.ts'
import type { Output } from './output.ts'

/** How a command ended. RFC 4254, 6.10 makes the exit status optional: one that gave none has not succeeded. */
export type Exit = { how: 'code'; exitCode: number } | { how: 'signal'; signal: string } | { how: 'unknown' }

// What a command left running may hold its output open; it is waited for while something still comes, and not for ever.
const quietMs = 500
const lingerMs = 10_000

/** Takes a command's output and gives it its input until it has ended; when the signal is aborted it is told to end. */
export async function converse(
  channel: ClientChannel,
  options: { input: AsyncIterable<Uint8Array> | undefined; output: Output; signal: AbortSignal },
): Promise<Exit> {
  const { input, output, signal } = options
  let exit: Exit = { how: 'unknown' }
  const { promise: ended, resolve: settle, reject: fail } = Promise.withResolvers<void>()
  const timers: NodeJS.Timeout[] = []
  const over = new AbortController()

  channel.on('exit', (exitCode: number | null, name: string) => {
    exit = exitCode === null ? { how: 'signal', signal: name } : { how: 'code', exitCode }
    timers.push(setTimeout(settle, quietMs), setTimeout(settle, lingerMs))
  })
  const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    output.take(stream, chunk)
    timers[0]?.refresh()
  }
  const closed = new Promise((resolve) => channel.once('close', resolve))
  Promise.all([consume(channel, take('stdout')), consume(channel.stderr, take('stderr')), closed]).then(
    () => settle(),
    fail,
  )
  const giveUp = () => fail(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  if (input) feed(channel, input, over.signal).catch(fail)

  try {
    await ended
    return exit
  } catch (error) {
    channel.signal('TERM')
    throw error
  } finally {
    over.abort()
    timers.forEach(clearTimeout)
    signal.removeEventListener('abort', giveUp)
    channel.close()
  }
}
