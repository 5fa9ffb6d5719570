import type { HostTarget } from '@vesemir/contract'
import { VesemirError, type RemoteSession, type RunOptions } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import { TimeUp, withinTime } from '@vesemir/process/waiting'
import type { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { openChannel, type Connection } from './connection.ts'
import { openScript } from './open-script.ts'
import { httpGet, proveProbes, tcpProbe } from './probe.ts'
import { proveSudo } from './prove-sudo.ts'
import { runScript } from './run-script.ts'
import type { Sudo } from './sudo.ts'
import { sanitizeHostText } from './sanitize-host-text.ts'
import type { HeldRoute } from './route.ts'

/** A session that can also open sockets on the machine, for services that listen only there. */
export interface SshSession extends RemoteSession {
  /**
   * Connects to a Unix socket on the machine. A path that is not there, one without permission, and a server that forbids
   * it all read the same: an ordinary `Error`, "open failed".
   * @throws {VesemirError} `SSH_CONNECTION_LOST`
   */
  openUnixSocket(path: string, signal?: AbortSignal): Promise<Duplex>
  /** Connects to a TCP port that the machine reaches. Fails as `openUnixSocket`. */
  openTcpSocket(to: { address: string; port: number }, signal?: AbortSignal): Promise<Duplex>
  /** Gives the login shell a command line that means the same to all of them. Fails as `openUnixSocket`. */
  openCommand(command: string, signal?: AbortSignal): Promise<Duplex>
  /**
   * Starts a script to converse with by its standard input and output, as the user who is logged in, whatever `sudo` says.
   * It ends with them. Fails as `openUnixSocket`.
   * @throws {VesemirError} `SCRIPT_NOT_RUN`
   */
  openScript(script: string, signal?: AbortSignal): Promise<Duplex>
  /** Runs a script as `run` does, as the user who is logged in, whatever `sudo` says. */
  runAsUser(script: string, options: RunOptions): Promise<{ stdout: string }>
}

// How long a machine may take to let go of a connection before it is dropped.
const partingMs = 1000

interface SessionParts {
  target: HostTarget
  stream: Duplex
  route: HeldRoute
  /** Commands run as the user who is logged in, unless this is given. */
  sudo: Sudo | undefined
  masker: Masker
  openTimeoutMs: number
}

/** Makes a session of a client that is logged in. It releases the route when it ends. */
export function createSshSession(client: Client, parts: SessionParts): SshSession {
  const { target, stream, sudo, openTimeoutMs } = parts
  const { connection, closed, lose } = watchConnection(client, parts)
  const proveOnce = sudo && createSudoProof(connection, sudo)

  const inTime = (
    what: string,
    signal: AbortSignal | undefined,
    open: (signal: AbortSignal) => Promise<ClientChannel>,
  ) => openInTime(open, { what, from: target.name, timeoutMs: openTimeoutMs, signal })
  const openStream = (what: string, signal: AbortSignal | undefined, open: Parameters<typeof openChannel>[2]) =>
    inTime(what, signal, (signal) => openChannel(connection, signal, open))

  async function run(script: string, options: RunOptions) {
    await proveOnce?.(options)
    return runScript(connection, script, { ...options, sudo })
  }

  return {
    target,
    closed,
    run,
    async proveScripts(options) {
      await run(':', { ...options, isOwn: true })
    },
    proveProbes: (to, options) => proveProbes(connection, to, options),
    get probesByShell() {
      return connection.forbidsForwarding
    },
    httpGet: (url, options) => httpGet(connection, url, options),
    tcpProbe: (to, options) => tcpProbe(connection, to, options),

    openUnixSocket: (path, signal) =>
      openStream(path, signal, (callback) => client.openssh_forwardOutStreamLocal(path, callback)),
    openTcpSocket: ({ address, port }, signal) =>
      openStream(`${address}:${port}`, signal, (callback) =>
        client.forwardOut('127.0.0.1', 0, address, port, callback),
      ),
    async openCommand(command, signal) {
      const channel = await openStream('a command', signal, (callback) => client.exec(command, callback))
      // Left unread, its complaints would stop it once the window is full.
      channel.stderr.resume()
      return channel
    },
    openScript: (script, signal) => inTime('a script', signal, (signal) => openScript(connection, script, signal)),
    runAsUser: (script, options) => runScript(connection, script, { ...options, sudo: undefined }),

    async [Symbol.asyncDispose]() {
      const timer = setTimeout(() => stream.destroy(), partingMs)
      // What runs in it ends with the connection. Without being told, the shell would take that for lost.
      if (connection.kept !== 'starting' && connection.kept?.isFree) await Promise.race([connection.kept.end(), closed])
      lose('was closed')
      client.end()
      await closed
      clearTimeout(timer)
    },
  }
}

/** Watches a client for the end of its connection, of which channels are told why. */
function watchConnection(client: Client, { target, route, masker }: Pick<SessionParts, 'target' | 'route' | 'masker'>) {
  const { promise: closed, resolve: settleClosed } = Promise.withResolvers<void>()
  let lost: VesemirError | undefined
  const lose = (how: string, cause?: unknown) => {
    const routeBroken = route.broken()
    const message = `The SSH connection to ${target.name} ${how}${routeBroken ? `, since: ${routeBroken.message}` : ''}`
    lost ??= new VesemirError('SSH_CONNECTION_LOST', message, { cause, details: { host: target.name } })
  }
  // All of these come before the connection's channels hear of it: a channel that closes finds out why here.
  client.on('error', (error) => lose(`broke: ${sanitizeHostText(error.message)}`, error))
  client.on('end', () => lose('was ended by the machine'))
  client.on('close', () => {
    lose('was lost')
    route.release()
    settleClosed()
  })
  const connection: Connection = {
    client,
    target,
    masker,
    lost: () => lost,
    running: new Set(),
    hasRun: false,
    kept: undefined,
    keepsNoShell: false,
    forbidsForwarding: false,
  }
  return { connection, closed, lose }
}

/** Returns what proves sudo before the first script; a proof that fails is tried again for the next. */
function createSudoProof(connection: Connection, sudo: Sudo): (options: RunOptions) => Promise<void> {
  let proven: Promise<void> | undefined
  return async ({ timeoutMs, signal }) => {
    proven ??= proveSudo(connection, { sudo, timeoutMs, signal })
    try {
      await proven
    } catch (error) {
      proven = undefined
      throw error
    }
  }
}

async function openInTime(
  open: (signal: AbortSignal) => Promise<ClientChannel>,
  { what, from, timeoutMs, signal }: { what: string; from: string; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<ClientChannel> {
  try {
    return await withinTime({ timeoutMs, signal }, open)
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error
    throw new Error(`${from} did not open ${what} within ${timeoutMs} ms`, { cause: error })
  }
}
