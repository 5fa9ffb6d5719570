import type { ApplicationLock } from '@vesemir/contract'
import type { Place } from './keys.ts'
import { parse, timestamp, type Store } from './store.ts'

/** Holds off all deployments of an application in an environment; one that has begun goes on. */
export async function putLock(store: Store, lock: Omit<ApplicationLock, 'at'>): Promise<ApplicationLock> {
  const { redis, keys, clock } = store
  const kept: ApplicationLock = { ...lock, at: timestamp(clock) }
  await redis.hset(keys.locks, fieldOf(lock), JSON.stringify(kept))
  return kept
}

export async function readLock({ redis, keys }: Store, place: Place): Promise<ApplicationLock | undefined> {
  const json = await redis.hget(keys.locks, fieldOf(place))
  return json ? parse<ApplicationLock>(json) : undefined
}

export async function listLocks({ redis, keys }: Store): Promise<ApplicationLock[]> {
  const all = await redis.hgetall(keys.locks)
  return Object.keys(all)
    .toSorted()
    .map((place) => parse<ApplicationLock>(all[place]!))
}

export async function deleteLock({ redis, keys }: Store, place: Place): Promise<void> {
  await redis.hdel(keys.locks, fieldOf(place))
}

function fieldOf({ application, environment }: Place): string {
  return `${application}/${environment}`
}
