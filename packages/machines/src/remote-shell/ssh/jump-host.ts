import type { HostTarget } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { orAborted } from '@vesemir/process/waiting'
import { addAbortListener } from 'node:events'
import type { Client, ClientChannel } from 'ssh2'
import { openChannel, type LoggedIn } from './connection.ts'
import { unreachable, type ReachCode } from './unreachable.ts'
import { sanitizeHostText } from './sanitize-host-text.ts'
import type { HeldRoute, Route } from './route.ts'

interface JumpHost {
  target: HostTarget
  /** As many connections as there may be at once, however many machines are reached. */
  maxConnections: number
  /** Logs in on the jump host itself. */
  logIn: (signal: AbortSignal) => Promise<{ client: Client; route: HeldRoute }>
}

/** One connection to the jump host, and how many are using it. */
interface Shared {
  users: number
  opening: Promise<LoggedIn>
  /** Ends the connection, or the attempt at it. */
  end: AbortController
}

// A second connection is opened only when so many machines are reached through the first.
const machinesPerConnection = 50

/**
 * The route through a jump host. Its connections are shared: they are opened when the first machine is to be reached, and
 * closed with the last. What has been lost is opened again for the next.
 */
export function createJumpHost({ target, maxConnections, logIn }: JumpHost): Route {
  const connections = new Set<Shared>()

  function choose(): Shared {
    const [idlest] = [...connections].toSorted((a, b) => a.users - b.users)
    const isEnough = idlest && (idlest.users < machinesPerConnection || connections.size >= maxConnections)
    return isEnough ? idlest : open()
  }

  function open(): Shared {
    const end = new AbortController()
    const onClose = () => connections.delete(shared)
    const opening = logIn(end.signal).then((found) => shareConnection(found, { target, signal: end.signal, onClose }))
    const shared: Shared = { users: 0, end, opening }
    connections.add(shared)
    // Each user hears of a failure by itself, and there may be none left.
    shared.opening.catch(() => connections.delete(shared))
    return shared
  }

  function leave(shared: Shared): void {
    shared.users -= 1
    if (shared.users > 0) return
    connections.delete(shared)
    shared.end.abort()
  }

  return {
    async hold(signal) {
      const shared = choose()
      shared.users += 1
      try {
        const connection = await orAborted(shared.opening, signal)
        return {
          dial: (host, signal) => forward(connection, { host, signal }),
          broken: () => connection.lost(),
          release: () => leave(shared),
        }
      } catch (error) {
        leave(shared)
        throw error
      }
    },
  }
}

/** Watches a connection to a jump host, which ends when the signal is aborted. */
function shareConnection(
  { client, route }: { client: Client; route: HeldRoute },
  { target, signal, onClose }: { target: HostTarget; signal: AbortSignal; onClose: () => void },
): LoggedIn {
  let lost: VesemirError | undefined
  const lose = (how: string, cause?: unknown) => {
    const message = `The SSH connection to ${target.name} ${how}`
    lost ??= new VesemirError('SSH_CONNECTION_LOST', message, { cause, details: { host: target.name } })
    onClose()
  }
  client.on('error', (error) => lose(`broke: ${sanitizeHostText(error.message)}`, error))
  client.on('end', () => lose('was ended by the machine'))
  client.on('close', () => {
    lose('was lost')
    route.release()
  })
  addAbortListener(signal, () => client.end())
  return { client, target, lost: () => lost }
}

/** Has the jump host connect to a machine. It is the jump host that looks up the name and knows the routes. */
async function forward(
  connection: LoggedIn,
  { host, signal }: { host: HostTarget; signal: AbortSignal },
): Promise<ClientChannel> {
  try {
    return await openChannel(connection, signal, (callback) =>
      connection.client.forwardOut('127.0.0.1', 0, host.address, host.port, callback),
    )
  } catch (error) {
    if (error instanceof VesemirError) throw error
    const { code, words } = refusal(error as Error & { reason?: number | string })
    throw unreachable(host, `cannot be reached through ${connection.target.name}, which says: ${words}`, {
      code,
      cause: error,
    })
  }
}

// RFC 4254, 5.1
const connectFailed = 2

/** sshd tells in words alone why it could not connect. */
function refusal({ message, reason }: Error & { reason?: number | string }): { code: ReachCode; words: string } {
  const words = sanitizeHostText(message.replace('(SSH) Channel open failure: ', ''))
  if (reason !== connectFailed) return { code: 'SSH_CHANNEL_REFUSED', words }
  if (/refused/i.test(words)) return { code: 'SSH_REFUSED', words }
  if (/timed out/i.test(words)) return { code: 'SSH_TIMED_OUT', words }
  if (/unknown host|not known|resolution/i.test(words)) return { code: 'SSH_NAME_UNKNOWN', words }
  return { code: 'SSH_UNREACHABLE', words }
}
