import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@vesemir/core'
import type { Identities } from './identities.ts'
import type { Identity } from './identity.ts'

const minuteMs = 60_000

/** Without a request for so long, a browser is signed out. */
const idleMs = 60 * minuteMs
/** After so long it is signed out in every case. */
const longestMs = 12 * 60 * minuteMs

/** What a browser's cookie says, and until when. */
export interface BrowserSession {
  /** What it is signed out by; the same when it is renewed. */
  id: string
  identity: Identity
  startedMs: number
  expiresMs: number
}

export interface Sessions {
  start(identity: Identity): BrowserSession
  /** The session of a cookie's value, if it is a whole, current one of a token that is still valid. */
  read(value: string): Promise<BrowserSession | undefined>
  /** The same session for longer, once half of its time is over. */
  renew(session: BrowserSession): BrowserSession | undefined
  /** How long it can last at most, however often it is renewed. */
  longestLeftMs(session: BrowserSession): number
  /** The cookie's value. */
  write(session: BrowserSession): string
}

/**
 * Keeps sessions in the browsers: each is a signed value, bound to the token that it was started with. Which of them were
 * signed out is kept elsewhere, by id.
 */
export function createSessions({
  identities,
  secret,
  clock,
}: {
  identities: Pick<Identities, 'find'>
  secret: string
  clock: Pick<Clock, 'now'>
}): Sessions {
  const sign = (content: string, { sha256 }: Identity) =>
    createHmac('sha256', secret).update(`${content}\n${sha256}`).digest('base64url')
  return {
    start(identity) {
      const startedMs = clock.now()
      return { id: randomBytes(16).toString('base64url'), identity, startedMs, expiresMs: startedMs + idleMs }
    },
    async read(value) {
      const [, signature, content, started, expires, id, key] =
        /^([^.]+)\.((\d+)\.(\d+)\.([\w-]{22})\.(.+))$/.exec(value) ?? []
      const identity = key === undefined ? undefined : await identities.find(key)
      if (!identity || !isSame(signature!, sign(content!, identity))) return undefined
      const session = { id: id!, identity, startedMs: Number(started), expiresMs: Number(expires) }
      return clock.now() < session.expiresMs ? session : undefined
    },
    renew(session) {
      const now = clock.now()
      const expiresMs = Math.min(now + idleMs, session.startedMs + longestMs)
      return session.expiresMs - now < idleMs / 2 && expiresMs > session.expiresMs
        ? { ...session, expiresMs }
        : undefined
    },
    longestLeftMs: ({ startedMs }) => startedMs + longestMs - clock.now(),
    write({ id, identity, startedMs, expiresMs }) {
      const content = `${startedMs}.${expiresMs}.${id}.${identity.key}`
      return `${sign(content, identity)}.${content}`
    },
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
