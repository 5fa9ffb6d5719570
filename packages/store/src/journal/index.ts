import { ServerState } from '@vesemir/contract'
import type { Clock, TrafficJournal } from '@vesemir/core'
import { taggedPrefix, type RedisClient } from '../redis/redis-client.ts'
import type { ReplicatedWrites } from '../redis/replicated-writes.ts'
import { z } from 'zod'
import { readEach, readJson, type OnInvalid } from '../redis/read-json.ts'
import type { Seals } from '../seal/seals.ts'
import { fieldOf } from './field-of.ts'
import { createLeftJournal } from './left-journal.ts'

const Entry = z.object({
  server: ServerState,
  weights: z.array(z.int()),
  deploymentId: z.string(),
  host: z.string(),
  notedAt: z.iso.datetime(),
})

export interface JournalOptions {
  seals: Pick<Seals, 'record'>
  clock: Pick<Clock, 'now'>
  /** Whose servers these are: boxes, backends and servers of several clusters may have the same names. */
  cluster: string
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** By what a server is noted that is about to be taken out; without it, on the connection of the rest. */
  writes?: Pick<ReplicatedWrites, 'write'> | undefined
  /** Hears of entries that are left out of lists, since they are invalid. */
  onInvalid?: OnInvalid
}

/**
 * Keeps the journal of a cluster in three Redis hashes, a field for each server, beside the record and as long as it: one of all servers
 * that may not be as they were, one of those among them that are left out, and one of those that a person has taken out.
 */
export function createJournal(
  redis: RedisClient,
  { clock, seals, cluster, prefix = 'vesemir', writes, onInvalid = () => {} }: JournalOptions,
): TrafficJournal {
  const { outKey, leftKey, personsKey } = nameKeys(redis, { prefix, cluster })
  const { seal, open } = createEntrySeal({ seals, cluster })
  const left = createLeftJournal(redis, { key: leftKey, clock, seals, cluster, onInvalid })

  return {
    ...left,
    async note(servers, { deploymentId, host, confirm }) {
      if (servers.length === 0) return
      const notedAt = new Date(clock.now()).toISOString()
      const fields = servers.map(({ server }) => fieldOf(server))
      const entries = servers.map((noted) => seal({ ...noted, deploymentId, host, notedAt }))
      const write = async (connection: RedisClient) => {
        await confirm?.()
        await connection
          .multi()
          .hset(outKey, ...entries.flat())
          .hdel(leftKey, ...fields)
          .hdel(personsKey, ...fields)
          .exec()
      }
      await (writes ? writes.write(write) : write(redis))
    },
    async find(servers) {
      if (servers.length === 0) return []
      const fields = servers.map(fieldOf)
      const [entries, held] = await Promise.all([redis.hmget(outKey, ...fields), redis.hmget(personsKey, ...fields)])
      return entries.flatMap((entry, index) =>
        entry ? [{ ...open(fields[index]!, entry), ...byPerson(held[index] !== null) }] : [],
      )
    },
    async list() {
      const entries = await redis.hgetall(outKey)
      const [out, persons] = await Promise.all([left.listLeft(), redis.hkeys(personsKey)])
      const heldAgainAt = new Map(out.map((each) => [fieldOf(each.server), each.heldAgainAt]))
      const held = new Set(persons)
      const read = ([field, entry]: [string, string]) => ({ field, entry: open(field, entry) })
      return readEach(Object.entries(entries), { read, onInvalid }).map(({ field, entry }) => {
        return { ...entry, heldAgainAt: heldAgainAt.get(field), ...byPerson(held.has(field)) }
      })
    },
    async clear(servers) {
      if (servers.length === 0) return
      const fields = servers.map(fieldOf)
      await redis
        .multi()
        .hdel(outKey, ...fields)
        .hdel(leftKey, ...fields)
        .hdel(personsKey, ...fields)
        .exec()
    },
    async cede(servers) {
      if (servers.length > 0) await redis.hset(personsKey, ...servers.flatMap((server) => [fieldOf(server), '1']))
    },
  }
}

/** Names the hashes, which are changed together. */
function nameKeys(redis: RedisClient, { prefix: ownPrefix, cluster }: { prefix: string; cluster: string }) {
  const prefix = taggedPrefix(redis, { prefix: ownPrefix, tag: cluster })
  return {
    outKey: `${prefix}:out-of-rotation:${cluster}`,
    leftKey: `${prefix}:left-out:${cluster}`,
    personsKey: `${prefix}:held-by-person:${cluster}`,
  }
}

function createEntrySeal({ seals: { record }, cluster }: Pick<JournalOptions, 'seals' | 'cluster'>) {
  const placeOf = (field: string) => `what the journal of ${cluster} notes of ${field}`
  return {
    seal: (entry: z.infer<typeof Entry>): [field: string, sealed: string] => {
      const field = fieldOf(entry.server)
      return [field, record.put(placeOf(field), JSON.stringify(entry))]
    },
    open: (field: string, sealed: string) => readJson(Entry, record.open(placeOf(field), sealed).text, placeOf(field)),
  }
}

function byPerson(isHeld: boolean): { isHeldByPerson?: true } {
  return isHeld ? { isHeldByPerson: true } : {}
}
