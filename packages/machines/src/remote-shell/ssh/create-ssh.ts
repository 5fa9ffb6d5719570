import { durationMs, type HostTarget } from '@vesemir/contract'
import { VesemirError, type Clock, type RemoteShell } from '@vesemir/core'
import { createMasker, type Masker } from '@vesemir/process/masking'
import { sleep, TimeUp, withinTime } from '@vesemir/process/waiting'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { connectClient, isDropped, type Login } from './connect-client.ts'
import type { Purpose } from '../purpose.ts'
import { readCredentials } from './credentials.ts'
import { knownHostKeys } from './host-keys.ts'
import { createJumpHost } from './jump-host.ts'
import { acceptedKeys, findKnownKeys, readKnownHosts } from './known-hosts.ts'
import type { JumpHostOptions, SshOptions } from './ssh-options.ts'
import { createSshSession, type SshSession } from './ssh-session.ts'
import { readSudo } from './sudo.ts'
import { unreachable } from './unreachable.ts'
import { direct, type HeldRoute, type Route } from './route.ts'

/** What SSH needs of its process, each the process's own unless given. */
export interface SshDeps {
  /** For passwords and passphrases. */
  env?: Readonly<Record<string, string | undefined>>
  /** For certificates, which hold for a time. */
  clock?: Pick<Clock, 'now'>
  /** The name of the cluster whose machines are reached. */
  cluster?: string
  /** Takes secrets out of what machines say. */
  masker?: Masker
}

/** A remote shell whose sessions can also open sockets on the machine. */
export interface SshShell extends RemoteShell {
  connect(target: HostTarget, signal?: AbortSignal): Promise<SshSession>
  /** Returns the shell for a purpose: it reaches machines by the same jump hosts, with a certificate of its own. */
  for(purpose: Purpose): SshShell
}

/**
 * Opens sessions on machines by SSH. A host key that is not known beforehand is refused, before anything is sent.
 * Its own purpose is to check hosts.
 * @throws {VesemirError} `CONFIG_INVALID` when the private key, or a password, cannot be read.
 */
export function createSsh(options: SshOptions, deps: SshDeps = {}): SshShell {
  const env = deps.env ?? process.env
  const clock = deps.clock ?? Date
  const masker = deps.masker ?? createMasker()
  const credentialsFor = readCredentials(options, { env, clock, cluster: deps.cluster })
  const sudo = options.sudo && readSudo(options.sudo, env)
  const connectTimeoutMs = durationMs(options.connectTimeout)
  const keepAliveIntervalMs = durationMs(options.keepAliveInterval)

  /** Follows the route to a machine and logs in there. Whoever gets the connection releases the route when it has ended. */
  async function open(
    target: HostTarget,
    { purpose, route, signal }: { purpose: Purpose; route: Route; signal: AbortSignal | undefined },
  ) {
    const known = knownHostKeys(target)
    using uses = new DisposableStack()
    const credentials = await uses.use(credentialsFor(purpose)).read()
    const held = await route.hold(signal)
    uses.defer(() => held.release())
    const login = { target, known, credentials, keepAliveIntervalMs, nowMs: clock.now() }
    const limit = { connectTimeout: options.connectTimeout, signal }
    const connected = await logIn(login, { route: held, ...limit })
    const used = uses.move()
    return { ...connected, route: { ...held, release: () => used.dispose() } }
  }

  function through(route: Route, hop: JumpHostOptions): Route {
    const { address, port, user = options.user, maxConnections } = hop
    const target = { name: `jump host ${address}`, address, port, user }
    return createJumpHost({
      target: { ...target, hostKeys: [] },
      maxConnections,
      logIn: async (signal) =>
        open({ ...target, hostKeys: await jumpHostKeys(hop) }, { purpose: { name: 'jump-host' }, route, signal }),
    })
  }

  const usualWay = options.jumpHosts.reduce(through, direct)
  const namedRoutes = new Map<string, Route>()

  /** One route for all hosts of the same, so that they share its connections. */
  function routeTo({ name, jumpHosts }: HostTarget): Route {
    if (!jumpHosts) return usualWay
    const hops = jumpHosts.map((jumpHost) => options.namedJumpHosts?.[jumpHost] ?? unknownJumpHost(name, jumpHost))
    const path = jumpHosts.join(',')
    const route = namedRoutes.get(path) ?? hops.reduce(through, direct)
    namedRoutes.set(path, route)
    return route
  }

  const shellFor = (purpose: Purpose): SshShell => ({
    for: shellFor,
    async connect(target, signal) {
      const route = routeTo(target)
      const { client, ...connected } = await open(target, { purpose, route, signal })
      return createSshSession(client, { target, sudo, masker, openTimeoutMs: connectTimeoutMs, ...connected })
    },
  })
  return shellFor({ name: 'checks' })
}

/** When a machine that dropped the connection before a login is tried again. */
const retryDelaysMs = [100, 200, 400, 800, 1600]

/** Follows a held route and logs in at its end, all within the time to connect. */
async function logIn(
  login: Omit<Login, 'signal'>,
  { route, connectTimeout, signal }: { route: HeldRoute; connectTimeout: string; signal: AbortSignal | undefined },
): Promise<{ client: Client; stream: Duplex }> {
  const { target } = login
  let phase = `did not answer within ${connectTimeout}`
  try {
    return await withinTime({ timeoutMs: durationMs(connectTimeout), signal }, async (signal) => {
      for (let tries = 0; ; tries += 1) {
        const stream = await route.dial(target, signal)
        phase = `accepted the connection but did not complete the login within ${connectTimeout}`
        try {
          return { client: await connectClient(stream, { ...login, signal }), stream }
        } catch (error) {
          const delayMs = retryDelaysMs[tries]
          if (delayMs === undefined || !isDropped(error)) throw error
          // Connections that were dropped together must not be retried together.
          await sleep(delayMs * (1 + Math.random()), signal)
        }
      }
    })
  } catch (error) {
    throw error instanceof TimeUp ? unreachable(target, phase, { code: 'SSH_TIMED_OUT', cause: error }) : error
  }
}

function unknownJumpHost(host: string, jumpHost: string): never {
  const message = `${host} is reached through the jump host ${jumpHost}, which is not in remoteShell.namedJumpHosts`
  throw new VesemirError('CONFIG_INVALID', message, { details: { host } })
}

async function jumpHostKeys({ address, port, hostKeys, knownHosts }: JumpHostOptions): Promise<string[]> {
  const known = findKnownKeys(await readKnownHosts(knownHosts), { names: [address], port })
  return acceptedKeys(hostKeys, known)
}
