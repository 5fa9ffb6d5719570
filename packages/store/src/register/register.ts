import { hash } from 'node:crypto'
import { VesemirError, type Clock } from '@vesemir/core'
import type { RedisClient } from '../redis/redis-client.ts'
import { z } from 'zod'
import { defineScript } from '../redis/define-script.ts'
import { isUnreliable, readJson } from '../redis/read-json.ts'

const Entries = z.record(z.string(), z.object({ digest: z.string(), expiresMs: z.int().optional() }))
const Content = z.object({ revision: z.int(), entries: Entries })
type Content = z.infer<typeof Content>
type Entries = Content['entries']

/**
 * A signed list of what there is under some keys of Redis. Each value there is signed too, but so was an older one that was replaced or
 * removed: the list says which one holds. An older list counts for no process that has seen a newer one.
 */
export interface Register {
  /** Returns the digest of the value that holds; undefined where there is none. */
  find(id: string): Promise<string | undefined>
  /** Returns the digests of all values that hold, by their ids. */
  list(): Promise<ReadonlyMap<string, string>>
  /** Lists a value, in one step with the command that writes it. */
  put(id: string, entry: Entry, command: Command): Promise<void>
  /** The same in the place of a value that is there; one that is gone stays gone. */
  replace(id: string, entry: Entry, command: Command): Promise<void>
  /** Takes a value off the list, in one step with the command that removes it. Returns whether it was there. */
  remove(id: string, command: Command): Promise<boolean>
}

interface Entry {
  digest: string
  expiresMs?: number
}

/** A command of Redis: its name, its key, and what follows. */
export type Command = [name: string, key: string, ...rest: (string | Buffer | number)[]]

interface RegisterOptions {
  key: string
  /** What signs the list. `open` throws what `isUnreliable` knows where it was not signed so. */
  seal: { put: (text: string) => string; open: (sealed: string) => string }
  clock: Pick<Clock, 'now'>
}

/** Another process may write the list in between. */
const mostTries = 100

/** Keeps the list in one key. `redis` stays the caller's. */
export function createRegister(redis: RedisClient, { key, seal, clock }: RegisterOptions): Register {
  const write = defineScript<0 | 1>(redis, {
    name: 'vesemirWriteRegister',
    files: [new URL('./write.lua', import.meta.url)],
  })
  const newest = createNewest((sealed) => readJson(Content, seal.open(sealed), `the list in ${key}`))
  const current = (entries: Entries) =>
    Object.entries(entries).filter(([, { expiresMs = Infinity }]) => clock.now() < expiresMs)
  const load = async () => new Map(current(newest.take(await redis.get(key)).entries))
  /** Returns what was listed before. Nothing is written where `alter` returns nothing. */
  const change = async (alter: (entries: Entries) => Entries | undefined, [name, about, ...rest]: Command) => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const before = await redis.get(key)
      const { revision, entries } = newest.takeIfHolds(before)
      const kept = Object.fromEntries(current(entries))
      const altered = alter(kept)
      if (!altered) return kept
      const next = { revision: revision + 1, entries: altered }
      const sealed = seal.put(JSON.stringify(next))
      if ((await write([key, about], [before ?? '', sealed, name, ...rest])) === 0) continue
      newest.put(next, sealed)
      return kept
    }
    throw new VesemirError('RECORD_INVALID', `${key} in Redis is being changed concurrently; retry`)
  }
  return {
    find: async (id) => (await load()).get(id)?.digest,
    list: async () => new Map([...(await load())].map(([id, { digest }]) => [id, digest])),
    async put(id, entry, command) {
      await change((entries) => ({ ...entries, [id]: entry }), command)
    },
    async replace(id, entry, command) {
      await change((entries) => (Object.hasOwn(entries, id) ? { ...entries, [id]: entry } : undefined), command)
    },
    async remove(id, command) {
      return Object.hasOwn(await change(({ [id]: _removed, ...others }) => others, command), id)
    },
  }
}

/** Returns the digest of a value: 132 bits of its SHA-256. */
export function digestOf(value: string | Buffer): string {
  return hash('sha256', value, 'base64url').slice(0, 22)
}

/** Keeps the newest list that this process has seen: Redis may have lost it, or may have been given an older one. */
function createNewest(open: (sealed: string) => Content) {
  let newest: Content = { revision: 0, entries: {} }
  let newestSealed: string | null = null
  const put = (content: Content, sealed: string) => {
    ;[newest, newestSealed] = [content, sealed]
  }
  const take = (sealed: string | null): Content => {
    if (sealed === null || sealed === newestSealed) return newest
    const read = open(sealed)
    if (read.revision >= newest.revision) put(read, sealed)
    return newest
  }
  return {
    put,
    take,
    /** What does not hold is replaced by the newest: whoever writes must not be held up by it. */
    takeIfHolds(sealed: string | null): Content {
      try {
        return take(sealed)
      } catch (error) {
        if (!isUnreliable(error)) throw error
        return newest
      }
    },
  }
}
