import type { HostTarget } from '@vesemir/contract'
import { isVesemirError, VesemirError } from '@vesemir/core'
import { orAborted } from '@vesemir/process/waiting'
import type { Duplex } from 'node:stream'
import ssh2, { type AuthHandlerMiddleware, type Client, type KexAlgorithm, type NextAuthHandler } from 'ssh2'
import type { Credential } from './credentials.ts'
import { gatherWrites } from './gather-writes.ts'
import { hostKeyAlgorithms, type KnownHostKeys } from './host-keys.ts'
import { unreachable } from './unreachable.ts'
import { sanitizeHostText } from './sanitize-host-text.ts'
import { findHostKeyProblem } from './verify-host-key.ts'

/** Who logs in where, and by what the machine is known. */
export interface Login {
  target: HostTarget
  known: KnownHostKeys
  credentials: readonly Credential[]
  keepAliveIntervalMs: number
  /** For what holds only for a time. */
  nowMs: number
  signal: AbortSignal
}

/** What is seen on the way in, from which a failure is told in words. */
interface Progress {
  refusedKey?: string
  tried: string[]
  accepts: readonly string[]
  notes: string[]
}

/**
 * Speaks SSH on a connected stream until logged in. On failure, and when the signal is aborted, the stream is destroyed.
 * @throws {VesemirError} `SSH_UNREACHABLE`, `SSH_HOST_KEY_MISMATCH`, `SSH_AUTH_FAILED`
 */
export async function connectClient(stream: Duplex, login: Login): Promise<Client> {
  const { signal } = login
  const client = new ssh2.Client()
  const progress: Progress = { tried: [], accepts: [], notes: [] }
  const { promise, resolve, reject } = Promise.withResolvers<Client>()

  client.on('ready', () => resolve(client))
  client.on('error', (error: SshError) => {
    // An agent that fails is one credential less; ssh2 goes on to the next.
    if (error.level === 'agent') progress.notes.push(error.message)
    else reject(toVesemirError(error, login, progress))
  })
  client.on('close', () => reject(dropped(login, progress)))
  try {
    signal.throwIfAborted()
    client.connect({
      sock: gatherWrites(stream),
      username: login.target.user,
      // The deadline of connecting as a whole is kept by the caller.
      readyTimeout: 0,
      keepaliveInterval: login.keepAliveIntervalMs,
      // ssh2's own order of ciphers already has aes128-gcm first: the fastest of those both ends have (measured).
      algorithms: { kex: keyExchanges, serverHostKey: hostKeyAlgorithms(login.known) },
      hostVerifier: (key: Buffer) => verifyHostKey(key, login, progress),
      authHandler: nextCredential(login, progress),
    })
    return await orAborted(promise, signal)
  } catch (error) {
    stream.destroy()
    throw error
  } finally {
    client.removeAllListeners('ready').removeAllListeners('close')
  }
}

/**
 * The fastest first. Without diffie-hellman-group-exchange: Node checks the prime that the server picks, which stops the whole
 * worker for 10 s at 4096 bits and for minutes at 8192, so that one bad host could take it out of service.
 */
const keyExchanges: KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group15-sha512',
  'diffie-hellman-group16-sha512',
]

interface SshError extends Error {
  /** ssh2's: where it failed. A number in `code` is the reason of the server's own disconnect message. */
  level?: string
  code?: string | number
}

function verifyHostKey(key: Buffer, login: Login, progress: Progress): boolean {
  const problem = findHostKeyProblem(key, login)
  if (problem !== undefined) progress.refusedKey = problem
  return problem === undefined
}

function nextCredential({ target, credentials }: Login, progress: Progress): AuthHandlerMiddleware {
  const left = [...credentials]
  return (accepts: string[] | null, _partial, next) => {
    progress.accepts = accepts ?? []
    const credential = left.shift()
    // ssh2 takes false for "no more", which its types leave out.
    if (!credential) return next(false as unknown as Parameters<NextAuthHandler>[0])
    progress.tried.push(credential.label)
    next(credential.method(target.user))
  }
}

function toVesemirError(error: SshError, { target }: Login, progress: Progress): VesemirError {
  const { name, address, port, user } = target
  const options = { cause: error, details: { host: name } }
  if (progress.refusedKey !== undefined) {
    const message = `${name} (${address}:${port}) ${progress.refusedKey}`
    return new VesemirError('SSH_HOST_KEY_MISMATCH', message, options)
  }
  const isRefusal = error.level === 'client-authentication' || typeof error.code === 'number'
  if (isRefusal && progress.tried.length > 0) {
    const also = progress.notes.length > 0 ? ` (${progress.notes.join('; ')})` : ''
    const accepts = progress.accepts.length > 0 ? `; it accepts ${sanitizeHostText(progress.accepts.join(', '))}` : ''
    const message = `${name} (${address}:${port}) refused to log in ${user} with ${progress.tried.join(' and ')}${also}${accepts}`
    return new VesemirError('SSH_AUTH_FAILED', message, options)
  }
  // ssh2 has no code for the first.
  if (error.message === 'Connection lost before handshake' || error.code === 'ECONNRESET')
    return dropped({ target }, progress, error)
  return unreachable(target, `did not finish the SSH handshake: ${sanitizeHostText(error.message)}`, { cause: error })
}

/** Whether the machine closed the connection before a login was tried. sshd drops connections at random beyond `MaxStartups` logins. */
export function isDropped(error: unknown): boolean {
  return isVesemirError(error, 'SSH_UNREACHABLE') && error.details['isDropped'] === true
}

function dropped({ target }: Pick<Login, 'target'>, { tried }: Progress, cause?: Error): VesemirError {
  const what = 'closed the connection during the SSH handshake'
  return unreachable(target, what, { cause, details: { isDropped: tried.length === 0 } })
}
