import type { RedisClient } from '../redis/redis-client.ts'
import { createAnnouncements } from '../redis/announcements.ts'

/** The sessions of browsers that were signed out before their time, for all processes with the same Redis. */
export interface SignedOutSessions extends AsyncDisposable {
  /** Ends a session everywhere. It is remembered for `forMs`, after which it would have ended by itself. */
  add(id: string, forMs: number): Promise<void>
  has(id: string): Promise<boolean>
  /** Resolves when a session has been signed out. Rejects with the signal's reason. */
  waitFor(id: string, signal: AbortSignal): Promise<void>
}

/** What a lost message costs at most. */
const lookAgainMs = 30_000

const mostRemembered = 10_000

/** Keeps them in Redis, and opens a connection to hear of new ones when the first is waited for. `redis` stays the caller's. */
export function createSignedOutSessions(
  redis: RedisClient,
  { prefix = 'vesemir' }: { prefix?: string } = {},
): SignedOutSessions {
  const announcements = createAnnouncements(redis)
  const keyOf = (id: string) => `${prefix}:signed-out:${id}`
  // Whoever can write to Redis can remove a key: what this process has seen stays.
  const seen = new Set<string>()
  const note = (id: string) => {
    seen.add(id)
    if (seen.size > mostRemembered) seen.delete(seen.values().next().value!)
  }
  const has = async (id: string) => {
    if (seen.has(id)) return true
    const isSignedOut = (await redis.exists(keyOf(id))) === 1
    if (isSignedOut) note(id)
    return isSignedOut
  }
  return {
    async add(id, forMs) {
      note(id)
      await redis.set(keyOf(id), '1', 'PX', Math.max(1, Math.ceil(forMs)))
      await redis.publish(keyOf(id), '')
    },
    has,
    async waitFor(id, signal) {
      using listener = await announcements.listen(keyOf(id))
      for (;;) {
        const { heard } = listener
        if (await has(id)) return
        await listener.after(heard, { timeoutMs: lookAgainMs, signal })
      }
    },
    [Symbol.asyncDispose]: () => announcements[Symbol.asyncDispose](),
  }
}
