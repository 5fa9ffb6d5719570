import type { RedisClient } from '../../redis/redis-client.ts'
import { defineScript } from '../../redis/define-script.ts'

export type LockScripts = ReturnType<typeof createLockScripts>

/** Makes the scripts of locks callable on a connection. Each says in its file what it takes. */
export function createLockScripts(redis: RedisClient) {
  return {
    take: defineScript<number>(redis, {
      name: 'vesemirTakeLock',
      files: [new URL('./lua/take.lua', import.meta.url)],
    }),
    renew: defineScript<0 | 1>(redis, {
      name: 'vesemirRenewLock',
      files: [new URL('./lua/renew.lua', import.meta.url)],
    }),
    release: defineScript<null>(redis, {
      name: 'vesemirReleaseLock',
      files: [new URL('./lua/release.lua', import.meta.url)],
    }),
  }
}
