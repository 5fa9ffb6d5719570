import type { Freeze } from '@vesemir/contract'
import type { Place } from './keys.ts'
import { parse, timestamp, type Store } from './store.ts'

/** Holds off all deployments of an application in an environment; one that has begun goes on. */
export async function putFreeze(store: Store, freeze: Omit<Freeze, 'at'>): Promise<Freeze> {
  const { redis, keys, clock } = store
  const kept: Freeze = { ...freeze, at: timestamp(clock) }
  await redis.hset(keys.freezes, fieldOf(freeze), JSON.stringify(kept))
  return kept
}

export async function readFreeze({ redis, keys }: Store, place: Place): Promise<Freeze | undefined> {
  const json = await redis.hget(keys.freezes, fieldOf(place))
  return json ? parse<Freeze>(json) : undefined
}

export async function listFreezes({ redis, keys }: Store): Promise<Freeze[]> {
  const all = await redis.hgetall(keys.freezes)
  return Object.keys(all)
    .toSorted()
    .map((place) => parse<Freeze>(all[place]!))
}

export async function deleteFreeze({ redis, keys }: Store, place: Place): Promise<void> {
  await redis.hdel(keys.freezes, fieldOf(place))
}

function fieldOf({ application, environment }: Place): string {
  return `${application}/${environment}`
}
