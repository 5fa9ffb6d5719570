import type { Redis } from 'ioredis'
import { defineScript } from '../../redis/define-script.ts'

/**
 * KEYS: lock. ARGV: token, lifetime in milliseconds. Gives 0 when the lock is the token's, else the milliseconds that its
 * holder has left.
 */
const take = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
return math.max(1, redis.call('PTTL', KEYS[1]))`

/** KEYS: locks. ARGV: token, lifetime in milliseconds. Prolongs those that are still the token's, and gives their number. */
const renew = `
local renewed = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then renewed = renewed + redis.call('PEXPIRE', key, ARGV[2]) end
end
return renewed`

/** KEYS: locks. ARGV: token. Frees those that are still the token's, and tells who waits. */
const release = `
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then
    redis.call('DEL', key)
    redis.call('PUBLISH', key, 'free')
  end
end`

export type LockScripts = ReturnType<typeof createLockScripts>

export function createLockScripts(redis: Redis) {
  return {
    take: defineScript<number>(redis, { name: 'vesemirTakeLock', lua: take }),
    renew: defineScript<number>(redis, { name: 'vesemirRenewLocks', lua: renew }),
    release: defineScript<null>(redis, { name: 'vesemirReleaseLocks', lua: release }),
  }
}
