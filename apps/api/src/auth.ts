import { randomBytes } from 'node:crypto'
import type { Session } from '@vesemir/contract'
import { highestRole, VesemirError, type Clock } from '@vesemir/core'
import type { SignedOutSessions } from '@vesemir/store/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiConfig } from './config.ts'
import type { FailureLimit } from './failure-limit.ts'
import { sessionOfToken, type Identities } from './identities.ts'
import type { Identity } from './identity.ts'
import { createSessions, type BrowserSession } from './sessions.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; there on every route that is not open to all. */
    caller: Session
    identity: Identity
    /** Whose end is the end of what it opens: the browser's session, the token. */
    sessions: readonly string[]
  }
}

export interface Auth {
  /** Finds out who asks, by bearer token or cookie. @throws {VesemirError} `UNAUTHENTICATED`, `SIGN_IN_LIMITED`, `ORIGIN_REFUSED` */
  authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Signs a browser in with a token. Throws as `authenticate`. */
  signIn(request: FastifyRequest, reply: FastifyReply, token: string): Promise<Session>
  /** Ends the browser's session on every process, whoever has its cookie. */
  signOut(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

type AuthOptions = Pick<ApiConfig, 'cookieSecret' | 'url'> & {
  identities: Identities
  failures: FailureLimit
  clock: Pick<Clock, 'now'>
  signedOut: Pick<SignedOutSessions, 'add' | 'has'>
}

/** Tells callers apart. Programs send a bearer token with each request; a browser gives one once, for a cookie. */
export function createAuth(options: AuthOptions): Auth {
  const { identities, cookieSecret = randomBytes(32).toString('base64url'), url, failures, clock, signedOut } = options
  const sessions = createSessions({ identities, secret: cookieSecret, clock })
  const isSecure = url?.startsWith('https:') ?? false
  // RFC 6265bis, 4.1.3.2: browsers take a __Host- cookie from nobody but this very host, over TLS.
  const cookie = isSecure ? '__Host-vesemir' : 'vesemir'
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure } as const

  const setCookie = (reply: FastifyReply, session: BrowserSession) =>
    reply.setCookie(cookie, sessions.write(session), { ...attributes, expires: new Date(session.expiresMs) })
  const identify = async (request: FastifyRequest, token: string): Promise<Identity> => {
    const identity = await identities.identify(token)
    if (identity) return identity
    await failures.count(request, token)
    throw new VesemirError('UNAUTHENTICATED', 'the token is not known here')
  }
  const readSession = async (request: FastifyRequest): Promise<BrowserSession> => {
    const value = request.cookies[cookie]
    if (value === undefined) throw new VesemirError('UNAUTHENTICATED', 'the request has neither a token nor a cookie')
    const session = await sessions.read(value)
    if (!session || (await signedOut.has(session.id)))
      throw new VesemirError('UNAUTHENTICATED', 'the session has ended: sign in again')
    if (isActing(request)) refuseForeign(request, { url, isNeeded: true })
    return session
  }
  return {
    async authenticate(request, reply) {
      const token = bearerToken(request)
      if (token !== undefined) {
        admit(request, await identify(request, token))
        return
      }
      const session = await readSession(request)
      // The answer that opens a WebSocket carries no cookie.
      const renewed = request.ws ? undefined : sessions.renew(session)
      if (renewed) setCookie(reply, renewed)
      admit(request, session.identity, renewed ?? session)
    },
    async signIn(request, reply, token) {
      refuseForeign(request, { url, isNeeded: false })
      const session = sessions.start(await identify(request, token))
      setCookie(reply, session)
      return toSession(session.identity, session)
    },
    async signOut(request, reply) {
      const session = await sessions.read(request.cookies[cookie] ?? '')
      if (session) await signedOut.add(session.id, sessions.longestLeftMs(session))
      reply.clearCookie(cookie, attributes)
    },
  }
}

function bearerToken({ headers }: FastifyRequest): string | undefined {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? []
  if (token !== undefined) return token
  throw new VesemirError('UNAUTHENTICATED', 'the Authorization header is not "Bearer" and a token')
}

/** A WebSocket is opened by GET, and browsers let every site open one with the cookie. */
function isActing(request: FastifyRequest): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(request.method) || request.ws
}

/** @throws {VesemirError} `ORIGIN_REFUSED` when another site's page sent the request */
function refuseForeign({ headers }: FastifyRequest, own: { url: string | undefined; isNeeded: boolean }): void {
  const { origin, host } = headers
  if (origin === undefined && !own.isNeeded) return
  if (origin !== undefined && URL.canParse(origin)) {
    const from = new URL(origin)
    if (own.url === undefined ? from.host === host : from.origin === new URL(own.url).origin) return
  }
  throw new VesemirError('ORIGIN_REFUSED', `a page of ${origin ?? 'an unknown origin'} may not act for you here`)
}

/** Notes on a request who asks. */
function admit(request: FastifyRequest, identity: Identity, session?: BrowserSession): void {
  request.identity = identity
  request.caller = toSession(identity, session)
  request.sessions = [...(session ? [session.id] : []), ...(identity.token ? [sessionOfToken(identity.token)] : [])]
}

function toSession({ principal, grants, token }: Identity, session?: BrowserSession): Session {
  const role = highestRole(grants.map((grant) => grant.role))
  const ends = [session, token].flatMap((credential) => (credential ? [credential.expiresMs] : []))
  return {
    name: principal.name,
    role,
    grants: [...grants],
    ...(token ? { token: token.name } : {}),
    ...(ends.length > 0 ? { expiresAt: new Date(Math.min(...ends)).toISOString() } : {}),
  }
}
