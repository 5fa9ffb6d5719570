import { hash, randomBytes } from 'node:crypto'
import { Name } from '@vesemir/contract'
import type { Clock } from '@vesemir/core'
import type { RedisClient } from '../redis/redis-client.ts'
import { z } from 'zod'
import { isSameHash } from './is-same-hash.ts'
import { createSealedValues } from './sealed-values.ts'

const Groups = z.array(z.string())

const PersonSession = z.strictObject({
  id: z.string(),
  /** The identity provider of the settings. */
  provider: Name,
  /** Who it is there, for good. */
  subject: z.string(),
  name: Name,
  groups: Groups,
  idToken: z.string(),
  refreshToken: z.string().optional(),
  /** When the provider is to be asked again. */
  checkMs: z.int(),
  expiresMs: z.int(),
  sha256: z.string(),
})

/** The session of a person who signed in with an identity provider, as it is kept. */
export type PersonSession = z.infer<typeof PersonSession>

/** Sessions of people, for all processes with the same Redis and secret. One that has expired does not exist. */
export interface PersonSessions {
  /** Starts a session; returns the token for a program of the person's too, which is not kept. */
  start(person: Omit<PersonSession, 'id' | 'sha256'>): Promise<PersonSession & { token: string }>
  find(id: string): Promise<PersonSession | undefined>
  /** Finds by the token for programs. */
  identify(token: string): Promise<PersonSession | undefined>
  /** Keeps what the provider said again, unless the session has ended meanwhile. */
  update(session: PersonSession): Promise<void>
  /** Returns whether this process is to ask the provider now: a refresh token may be used only once. */
  claimCheck(id: string): Promise<boolean>
  releaseCheck(id: string): Promise<void>
  end(id: string): Promise<void>
  /** Returns the groups that the provider named last; undefined for whom it has not vouched for a long time. */
  groupsOf(name: string): Promise<readonly string[] | undefined>
}

const secretBytes = 32
const idBytes = 9
const tokenPattern = /^vss_([\w-]{12})_[\w-]{43}$/
/** No question to a provider takes longer. */
const longestCheckMs = 60_000
/** What somebody's tokens may do follows their groups. Without a sign-in for so long, they may do nothing. */
const groupsKeptMs = 90 * 24 * 3_600_000

/** Keeps them sealed by `secret`. `redis` stays the caller's. */
export function createPersonSessions(
  redis: RedisClient,
  { prefix = 'vesemir', secret, clock }: { prefix?: string; secret: string; clock: Pick<Clock, 'now'> },
): PersonSessions {
  const sessions = createSealedValues(redis, {
    prefix: `${prefix}:person-session`,
    schema: PersonSession,
    secret,
    clock,
  })
  const groups = createSealedValues(redis, { prefix: `${prefix}:person-groups`, schema: Groups, secret, clock })
  const noteGroups = (person: Pick<PersonSession, 'name' | 'groups'>) =>
    groups.put(person.name, person.groups, { expiresMs: clock.now() + groupsKeptMs })
  const claimKey = (id: string) => `${prefix}:person-session-check:${id}`
  const find = async (id: string) => {
    const session = await sessions.read(id)
    return session && clock.now() < session.expiresMs ? session : undefined
  }
  return {
    async start(person) {
      const id = randomBytes(idBytes).toString('base64url')
      const token = `vss_${id}_${randomBytes(secretBytes).toString('base64url')}`
      const session = { ...person, id, sha256: hash('sha256', token) }
      await sessions.put(id, session, person)
      await noteGroups(person)
      return { ...session, token }
    },
    find,
    async identify(token) {
      const [, id] = tokenPattern.exec(token) ?? []
      const session = id === undefined ? undefined : await find(id)
      return session && isSameHash(session.sha256, hash('sha256', token)) ? session : undefined
    },
    async update(session) {
      await sessions.replace(session.id, session, session)
      await noteGroups(session)
    },
    claimCheck: async (id) => (await redis.set(claimKey(id), '1', 'PX', longestCheckMs, 'NX')) === 'OK',
    async releaseCheck(id) {
      await redis.del(claimKey(id))
    },
    async end(id) {
      await sessions.remove(id)
    },
    groupsOf: (name) => groups.read(name),
  }
}
