import type { Clock, Locks } from '@vesemir/core'
import type { Redis } from 'ioredis'
import { createAnnouncements } from '../../redis/announcements.ts'
import { Lease } from './lease.ts'
import { Line } from './line.ts'
import { createLockScripts } from './scripts.ts'

export interface LocksOptions {
  clock: Clock
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** How long a lock outlives a holder that died; 5 s. */
  lifetimeMs?: number
}

export interface RedisLocks extends Locks, AsyncDisposable {}

/**
 * Keeps locks in Redis, each renewed while it is held. `hold` throws `LOCK_HELD` when another's does not come free in time,
 * and `LOCK_LOST` when one of its own ran out before the task was done: what was done then was not done alone.
 */
export function createLocks(redis: Redis, { clock, prefix = 'vesemir', lifetimeMs = 5000 }: LocksOptions): RedisLocks {
  const announcements = createAnnouncements(redis)
  const deps = { scripts: createLockScripts(redis), announcements, line: new Line(clock), clock, lifetimeMs }
  return {
    async hold(names, { waitMs, signal }, task) {
      const untilMs = clock.now() + waitMs
      await using lease = new Lease(deps)
      for (const name of [...new Set(names)].sort()) await lease.take(`${prefix}:lock:${name}`, { untilMs, signal })
      const result = await task()
      await lease.release()
      return result
    },
    [Symbol.asyncDispose]: () => announcements[Symbol.asyncDispose](),
  }
}
