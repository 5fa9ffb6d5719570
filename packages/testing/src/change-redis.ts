import type { Redis } from 'ioredis'
import { withChanges, type Change } from './seeded-inputs.ts'

/** Something that a stranger does to a key of Redis; numbers are taken modulo how many there are. */
export interface RedisChange {
  key: number
  member: number
  how: 'json' | 'text' | 'remove' | 'add' | 'type'
  changes: Change[]
  text: string
}

/** Keys as they were, to be put back. */
export interface Snapshot {
  keys: readonly string[]
  /** Changes one key, and returns its name. */
  change(change: RedisChange): Promise<string>
  /** Puts a key back as it was. */
  restore(key: string): Promise<void>
}

/** Remembers all keys with a prefix. */
export async function takeSnapshot(redis: Redis, prefix: string): Promise<Snapshot> {
  const keys = (await redis.keys(`${prefix}*`)).toSorted()
  const dumps = new Map<string, Buffer>()
  for (const key of keys) dumps.set(key, (await redis.dumpBuffer(key))!)
  return {
    keys,
    async change(change) {
      const key = keys[change.key % keys.length]!
      await changeKey(redis, key, change)
      return key
    },
    async restore(key) {
      await redis.restore(key, 0, dumps.get(key)!, 'REPLACE')
    },
  }
}

async function changeKey(redis: Redis, key: string, change: RedisChange): Promise<void> {
  const { how, text } = change
  const type = how === 'type' ? 'none' : await redis.type(key)
  if (type === 'hash') return changeHash(redis, key, change)
  if (how === 'remove' || type === 'none') await redis.del(key)
  if (how === 'remove') return
  if (type === 'none') await (change.member % 2 === 0 ? redis.set(key, text) : redis.rpush(key, text))
  else if (type === 'string') await redis.set(key, changed((await redis.get(key)) ?? '', change))
  else if (type === 'set') await redis.sadd(key, text)
  else if (type === 'zset') await redis.zadd(key, change.member, text)
  else if (type === 'list') await redis.rpush(key, text)
  else await redis.xadd(key, '*', 'event', text)
}

async function changeHash(redis: Redis, key: string, change: RedisChange): Promise<void> {
  const fields = await redis.hkeys(key)
  const field = fields[change.member % fields.length]!
  if (change.how === 'remove') await redis.hdel(key, field)
  else if (change.how === 'add') await redis.hset(key, change.text, change.text)
  else await redis.hset(key, field, changed((await redis.hget(key, field)) ?? '', change))
}

/** The seal of a text is kept, as a stranger would keep it. */
function changed(sealed: string, { how, text, changes }: RedisChange): string {
  const [json = '', ...seal] = sealed.split('\n')
  if (how !== 'json') return text
  try {
    return [JSON.stringify(withChanges(JSON.parse(json), changes)) ?? text, ...seal].join('\n')
  } catch {
    return text
  }
}
