import { readJson } from '../../redis/read-json.ts'
import { StoredPlan } from './schemas.ts'
import type { Store } from './store.ts'

const keptHours = 24

/** Returns a new plan's id. Numbers count up. */
export async function nextPlanId({ redis, keys }: Store): Promise<string> {
  return `p-${await redis.incr(keys.lastPlan)}`
}

/** Keeps a plan for 24 hours; returns the moment until which it is kept. */
export async function keepPlan({ redis, keys, clock }: Store, stored: StoredPlan): Promise<string> {
  await redis.set(keys.plan(stored.id), JSON.stringify(stored), 'EX', keptHours * 3600)
  return new Date(clock.now() + keptHours * 3_600_000).toISOString()
}

/** Reads a plan; undefined where there is none of this id, or none any more. */
export async function readPlan({ redis, keys }: Store, id: string): Promise<StoredPlan | undefined> {
  const json = await redis.get(keys.plan(id))
  return json === null ? undefined : readJson(StoredPlan, json, `plan ${id}`)
}
