import { deadlineIn, type Clock, type Locks } from '@vesemir/core'
import type { RedisClient } from '../../redis/redis-client.ts'
import { createAnnouncements } from '../../redis/announcements.ts'
import { RedisLease } from './lease.ts'
import { Line } from './line.ts'
import { createLockScripts } from './scripts.ts'

export interface LocksOptions {
  clock: Clock
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** How long a lock outlives a holder that died; 10 s: longer than the lock of the job that takes it. */
  lifetimeMs?: number
}

export interface RedisLocks extends Locks, AsyncDisposable {}

/** Keeps locks in Redis, each renewed while it is held. */
export function createLocks(
  redis: RedisClient,
  { clock, prefix = 'vesemir', lifetimeMs = 10_000 }: LocksOptions,
): RedisLocks {
  const announcements = createAnnouncements(redis)
  const deps = { scripts: createLockScripts(redis), announcements, line: new Line(clock), clock, lifetimeMs }
  return {
    async hold(names, { waitMs, signal }, task) {
      const keys = [...new Set(names)].sort().map((name) => `${prefix}:lock:${name}`)
      const deadline = deadlineIn(clock, waitMs)
      for (;;) {
        await using lease = new RedisLease(deps)
        try {
          for (const key of keys) await lease.take(key, { deadline, signal })
          return await task(lease)
        } catch (error) {
          if (error !== lease.loss || deadline.leftMs() === 0) throw error
        }
      }
    },
    [Symbol.asyncDispose]: () => announcements[Symbol.asyncDispose](),
  }
}
