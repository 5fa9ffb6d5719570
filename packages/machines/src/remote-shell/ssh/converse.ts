import { isOver } from '@vesemir/core'
import { orAborted } from '@vesemir/process/waiting'
import type { ClientChannel } from 'ssh2'
import { consume, feed } from './channel-streams.ts'
import type { Output } from './output.ts'

/** How a command ended. RFC 4254, 6.10 makes the exit status optional: one that gave none has not succeeded. */
export type Exit = { how: 'code'; exitCode: number } | { how: 'signal'; signal: string } | { how: 'unknown' }

/** A command that has been started. `exited` never settles when it ends without telling how. */
export interface Command {
  channel: ClientChannel
  exited: Promise<Exit>
}

// What a command left running may hold its output open; it is waited for while something still comes, and not for ever.
const quietMs = 500
const lingerMs = 10_000

interface Conversation {
  /** Comes before the input. */
  sent: string
  input: AsyncIterable<Uint8Array> | undefined
  output: Output
  /** Whether the command ends all that it started by itself when the channel closes. */
  guarded: boolean
  signal: AbortSignal
}

/**
 * Takes a command's output and gives it what is sent to it first, and then its input, until it has ended; when the signal is
 * aborted it is told to end.
 */
export async function converse({ channel, exited }: Command, options: Conversation): Promise<Exit> {
  const { sent, input, output, guarded, signal } = options
  let exit: Exit = { how: 'unknown' }
  const { promise: ended, resolve: settle, reject: fail } = Promise.withResolvers<void>()
  const over = new AbortController()
  const listening = listen(output, { settle, fail })

  void exited.then((told) => {
    if (over.signal.aborted) return
    exit = told
    listening.settleWhenQuiet()
  })
  const closed = new Promise((resolve) => channel.once('close', resolve))
  const { take } = listening
  Promise.all([consume(channel, take('stdout')), consume(channel.stderr, take('stderr')), closed]).then(
    () => settle(),
    fail,
  )
  if (sent) channel.write(sent)
  if (input) feed(channel, input, over.signal).catch(fail)

  try {
    await orAborted(ended, signal)
    return exit
  } catch (error) {
    // sudo passes a signal on to the script's shell alone: its guard would find that gone, and leave the rest running.
    if (!guarded) channel.signal('TERM')
    throw error
  } finally {
    over.abort(isOver)
    listening.stop()
    channel.close()
  }
}

/** Passes output on, and knows when no more of it is to be waited for though the command has left it open. */
function listen(output: Output, { settle, fail }: { settle: () => void; fail: (error: unknown) => void }) {
  let quiet: NodeJS.Timeout | undefined
  let linger: NodeJS.Timeout | undefined
  let waiting = 0
  const settleUnlessWaiting = () => {
    if (waiting === 0) settle()
  }
  return {
    settleWhenQuiet() {
      quiet = setTimeout(settleUnlessWaiting, quietMs)
      linger = setTimeout(settleUnlessWaiting, lingerMs)
    },
    take: (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
      quiet?.refresh()
      try {
        const patience = output.take(stream, chunk)
        if (!patience) return undefined
        // The machine waits for us: what it has printed already must not be taken for what a command left running prints.
        waiting += 1
        return patience.finally(() => {
          waiting -= 1
          quiet?.refresh()
          linger?.refresh()
        })
      } catch (error) {
        // Thrown on, a listener's error would break the connection.
        fail(error)
        return undefined
      }
    },
    stop() {
      clearTimeout(quiet)
      clearTimeout(linger)
    },
  }
}
