import { ApplicationLock } from '@vesemir/contract'
import type { ApplicationLocks, ApplicationEnvironment } from '@vesemir/core'
import { readEach, readJson } from '../../redis/read-json.ts'
import { announceChange, timestamp, type Store } from './store.ts'

/** Keeps the locks that people put on environments of applications in one hash. */
export function createApplicationLocks(store: Store): ApplicationLocks {
  const { redis, keys, clock, onInvalid } = store
  return {
    async put(lock) {
      const kept: ApplicationLock = { ...lock, at: timestamp(clock) }
      await redis.hset(keys.locks, fieldOf(lock), JSON.stringify(kept))
      await announceChange(store)
      return kept
    },
    read: (place) => readLock(store, place),
    async list() {
      const all = await redis.hgetall(keys.locks)
      return readEach(Object.keys(all).toSorted(), { read: (place) => parse(all[place]!, place), onInvalid })
    },
    async delete(place) {
      await redis.hdel(keys.locks, fieldOf(place))
      await announceChange(store)
    },
  }
}

/** Reads the lock of a place. */
export async function readLock(
  { redis, keys }: Store,
  place: ApplicationEnvironment,
): Promise<ApplicationLock | undefined> {
  const json = await redis.hget(keys.locks, fieldOf(place))
  return json ? parse(json, fieldOf(place)) : undefined
}

function parse(json: string, place: string): ApplicationLock {
  return readJson(ApplicationLock, json, `the lock of ${place}`)
}

function fieldOf({ application, environment }: ApplicationEnvironment): string {
  return `${application}/${environment}`
}
