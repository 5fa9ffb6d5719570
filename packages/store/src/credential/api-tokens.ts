import { hash, randomBytes } from 'node:crypto'
import { Grant, Name, Principal } from '@vesemir/contract'
import type { Clock } from '@vesemir/core'
import type { RedisClient } from '../redis/redis-client.ts'
import { z } from 'zod'
import { isSameHash } from './is-same-hash.ts'
import { createSealedValues } from './sealed-values.ts'

const StoredToken = z.strictObject({
  id: z.string(),
  name: Name,
  owner: Principal,
  grants: z.array(Grant),
  sha256: z.string(),
  createdMs: z.int(),
  expiresMs: z.int(),
})

/** A token that somebody made, as it is kept: by its hash. */
export type StoredToken = z.infer<typeof StoredToken>

/** The tokens that people made, for all processes with the same Redis and secret. One that has expired does not exist. */
export interface ApiTokens {
  /** Makes a token; returns it itself too, which is not kept. */
  create(asked: Pick<StoredToken, 'name' | 'owner' | 'grants' | 'expiresMs'>): Promise<StoredToken & { token: string }>
  find(id: string): Promise<StoredToken | undefined>
  /** Returns what is kept of a token, and notes that it was used. */
  identify(token: string): Promise<StoredToken | undefined>
  /** Returns all tokens, the oldest first. */
  list(): Promise<(StoredToken & { lastUsedMs: number | undefined })[]>
  /** Returns whether there was such a token. */
  revoke(id: string): Promise<boolean>
}

/** The secret of a token has 256 bits: its hash needs neither salt nor stretching. */
const secretBytes = 32
const idBytes = 9
/** A use is noted this seldom, so that it costs nothing. */
const noteUseEveryMs = 60_000

/** What every token starts with, so that those who search for leaked secrets can tell one. */
const tokenPattern = /^vsm_([\w-]{12})_[\w-]{43}$/

/** Keeps them sealed by `secret`, so that who reaches Redis can make none. `redis` stays the caller's. */
export function createApiTokens(
  redis: RedisClient,
  { prefix = 'vesemir', secret, clock }: { prefix?: string; secret: string; clock: Pick<Clock, 'now'> },
): ApiTokens {
  const values = createSealedValues(redis, { prefix: `${prefix}:api-token`, schema: StoredToken, secret, clock })
  const idsKey = `${prefix}:api-tokens`
  const usedKey = (id: string) => `${prefix}:api-token-used:${id}`
  const lastUsedMs = async (id: string) => Number((await redis.get(usedKey(id))) ?? Number.NaN) || undefined
  const find = async (id: string) => {
    const stored = await values.read(id)
    return stored && clock.now() < stored.expiresMs ? stored : undefined
  }
  const noteUse = async ({ id, expiresMs }: StoredToken) => {
    const now = clock.now()
    if (now - ((await lastUsedMs(id)) ?? 0) >= noteUseEveryMs) await redis.set(usedKey(id), now, 'PXAT', expiresMs)
  }
  return {
    async create(asked) {
      const id = randomBytes(idBytes).toString('base64url')
      const token = `vsm_${id}_${randomBytes(secretBytes).toString('base64url')}`
      const stored = { ...asked, id, sha256: hash('sha256', token), createdMs: clock.now() }
      await values.put(id, stored, asked)
      await redis.sadd(idsKey, id)
      return { ...stored, token }
    },
    find,
    async identify(token) {
      const [, id] = tokenPattern.exec(token) ?? []
      const stored = id === undefined ? undefined : await find(id)
      if (!stored || !isSameHash(stored.sha256, hash('sha256', token))) return undefined
      await noteUse(stored)
      return stored
    },
    async list() {
      const ids = await redis.smembers(idsKey)
      const found = await Promise.all(
        ids.map(async (id) => ({ id, stored: await find(id), lastUsedMs: await lastUsedMs(id) })),
      )
      const gone = found.filter(({ stored }) => !stored).map(({ id }) => id)
      if (gone.length > 0) await redis.srem(idsKey, ...gone)
      return found
        .flatMap(({ stored, lastUsedMs }) => (stored ? [{ ...stored, lastUsedMs }] : []))
        .toSorted((a, b) => a.createdMs - b.createdMs)
    },
    revoke: (id) => values.remove(id),
  }
}
