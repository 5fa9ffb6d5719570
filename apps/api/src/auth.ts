import { randomBytes } from 'node:crypto'
import type { Session, SignedOut } from '@vesemir/contract'
import { highestRole, VesemirError, type Clock } from '@vesemir/core'
import type { PersonSession } from '@vesemir/store/credential'
import type { SignedOutSessions } from '@vesemir/store/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiConfig } from './config.ts'
import { isSecure, type Reached } from './is-secure.ts'
import type { FailureLimit } from './failure-limit.ts'
import type { Identities } from './identities.ts'
import { readKey, type Identity } from './identity.ts'
import type { People } from './people/people.ts'
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
  /** Signs a browser in for a person whom a provider vouches for. */
  startBrowser(reply: FastifyReply, person: PersonSession): Session
  /** Returns what the caller is told of a person's session. */
  describe(person: PersonSession): Session
  /** Ends the session that asks, on every process. */
  signOut(request: FastifyRequest, reply: FastifyReply): Promise<SignedOut>
}

type AuthOptions = Pick<ApiConfig, 'cookieSecret'> &
  Reached & {
    identities: Identities
    people?: Pick<People, 'end'> | undefined
    failures: FailureLimit
    clock: Pick<Clock, 'now'>
    signedOut: Pick<SignedOutSessions, 'add' | 'has'>
  }

/** Tells callers apart. Programs send a bearer token with each request; a browser gives one once, for a cookie. */
export function createAuth(options: AuthOptions): Auth {
  const {
    identities,
    people,
    cookieSecret = randomBytes(32).toString('base64url'),
    url,
    failures,
    clock,
    signedOut,
  } = options
  const sessions = createSessions({ identities, secret: cookieSecret, clock })
  const cookie = createCookie(isSecure(options))
  const setCookie = (reply: FastifyReply, session: BrowserSession) =>
    cookie.set(reply, sessions.write(session), { expires: new Date(session.expiresMs) })
  const identify = createIdentify({ identities, failures })
  const readSession = async (request: FastifyRequest): Promise<BrowserSession> => {
    const value = cookie.read(request)
    if (value === undefined) throw new VesemirError('UNAUTHENTICATED', 'the request has no token and no cookie')
    const session = await sessions.read(value)
    if (!session || (await signedOut.has(session.id)))
      throw new VesemirError('UNAUTHENTICATED', 'the session has ended; sign in again')
    if (isActing(request)) refuseForeign(request, { url, isNeeded: true })
    return session
  }
  const startSession = (reply: FastifyReply, identity: Identity): Session => {
    const session = sessions.start(identity)
    setCookie(reply, session)
    return toSession(identity, session)
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
      return startSession(reply, await identify(request, token))
    },
    startBrowser: (reply, person) => startSession(reply, identities.ofPerson(person)),
    describe: (person) => toSession(identities.ofPerson(person)),
    async signOut(request, reply) {
      const session = await sessions.read(cookie.read(request) ?? '')
      if (session) await signedOut.add(session.id, sessions.longestLeftMs(session))
      cookie.clear(reply)
      const key = readKey(request.identity.key)
      const providerUrl = 'person' in key ? await people?.end(key.person) : undefined
      return providerUrl === undefined ? {} : { providerUrl }
    },
  }
}

/** Makes what finds out whose token it is. @throws {VesemirError} `UNAUTHENTICATED`, `SIGN_IN_LIMITED` */
function createIdentify({ identities, failures }: Pick<AuthOptions, 'identities' | 'failures'>) {
  return async (request: FastifyRequest, token: string): Promise<Identity> => {
    const identity = await identities.identify(token)
    if (identity) return identity
    await failures.count(request, token)
    throw new VesemirError('UNAUTHENTICATED', 'unknown token')
  }
}

/** The cookie that holds a browser's session. */
function createCookie(secure: boolean) {
  // RFC 6265bis, 4.1.3.2: browsers take a __Host- cookie from nobody but this very host, over TLS.
  const name = secure ? '__Host-vesemir' : 'vesemir'
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const
  return {
    read: (request: FastifyRequest) => request.cookies[name],
    set: (reply: FastifyReply, value: string, { expires }: { expires: Date }) =>
      reply.setCookie(name, value, { ...attributes, expires }),
    clear: (reply: FastifyReply) => reply.clearCookie(name, attributes),
  }
}

function bearerToken({ headers }: FastifyRequest): string | undefined {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  const [, token] = /^bearer +(\S+)$/i.exec(authorization) ?? []
  if (token !== undefined) return token
  throw new VesemirError('UNAUTHENTICATED', 'the Authorization header is not "Bearer TOKEN"')
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
  throw new VesemirError('ORIGIN_REFUSED', `requests from pages of ${origin ?? 'an unknown origin'} are refused`)
}

/** Notes on a request who asks. */
function admit(request: FastifyRequest, identity: Identity, session?: BrowserSession): void {
  request.identity = identity
  request.caller = toSession(identity, session)
  const { key, expiresMs } = identity
  request.sessions = [...(session ? [session.id] : []), ...(expiresMs === undefined ? [] : [key])]
}

function toSession({ principal, grants, token, expiresMs }: Identity, session?: BrowserSession): Session {
  const role = highestRole(grants.map((grant) => grant.role))
  const ends = [session?.expiresMs, expiresMs].filter((endMs) => endMs !== undefined)
  return {
    name: principal.name,
    role,
    grants: [...grants],
    ...(token === undefined ? {} : { token }),
    ...(ends.length > 0 ? { expiresAt: new Date(Math.min(...ends)).toISOString() } : {}),
  }
}
