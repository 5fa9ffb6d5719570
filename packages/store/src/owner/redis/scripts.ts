import type { RedisClient } from '../../redis/redis-client.ts'
import { defineScript } from '../../redis/define-script.ts'

/** Makes the scripts of owners callable on a connection. Each says in its file what it takes. */
export function createOwnerScripts(redis: RedisClient) {
  const readOwner = new URL('./lua/read-owner.lua', import.meta.url)
  return {
    take: defineScript<string[]>(redis, {
      name: 'vesemirTakeOwned',
      files: [readOwner, new URL('./lua/take.lua', import.meta.url)],
    }),
    free: defineScript<null>(redis, {
      name: 'vesemirFreeOwned',
      files: [readOwner, new URL('./lua/free.lua', import.meta.url)],
    }),
    evict: defineScript<null>(redis, {
      name: 'vesemirEvictOwner',
      files: [readOwner, new URL('./lua/evict.lua', import.meta.url)],
    }),
    find: defineScript<string[]>(redis, {
      name: 'vesemirFindOwners',
      files: [readOwner, new URL('./lua/find.lua', import.meta.url)],
    }),
  }
}
