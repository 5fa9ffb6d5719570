import { ApplicationLock } from '@vesemir/contract'
import { readEach, readJson } from '../../redis/read-json.ts'
import type { Place } from './keys.ts'
import { timestamp, type Store } from './store.ts'

/** Holds off all deployments of an application in an environment; one that has begun goes on. */
export async function putLock(store: Store, lock: Omit<ApplicationLock, 'at'>): Promise<ApplicationLock> {
  const { redis, keys, clock } = store
  const kept: ApplicationLock = { ...lock, at: timestamp(clock) }
  await redis.hset(keys.locks, fieldOf(lock), JSON.stringify(kept))
  return kept
}

export async function readLock({ redis, keys }: Store, place: Place): Promise<ApplicationLock | undefined> {
  const json = await redis.hget(keys.locks, fieldOf(place))
  return json ? parse(json, fieldOf(place)) : undefined
}

export async function listLocks({ redis, keys, onInvalid }: Store): Promise<ApplicationLock[]> {
  const all = await redis.hgetall(keys.locks)
  return readEach(Object.keys(all).toSorted(), { read: (place) => parse(all[place]!, place), onInvalid })
}

export async function deleteLock({ redis, keys }: Store, place: Place): Promise<void> {
  await redis.hdel(keys.locks, fieldOf(place))
}

function parse(json: string, place: string): ApplicationLock {
  return readJson(ApplicationLock, json, `the lock of ${place}`)
}

function fieldOf({ application, environment }: Place): string {
  return `${application}/${environment}`
}
