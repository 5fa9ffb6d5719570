import type { Plans } from '@vesemir/core'
import { readJson } from '../../redis/read-json.ts'
import { StoredPlan } from './schemas.ts'
import type { Store } from './store.ts'

const keptHours = 24

/** Keeps each plan in a key of its own, which expires. */
export function createPlans({ redis, keys, clock }: Store): Plans {
  return {
    nextId: async () => `p-${await redis.incr(keys.lastPlan)}`,
    async keep(stored) {
      await redis.set(keys.plan(stored.id), JSON.stringify(stored), 'EX', keptHours * 3600)
      return new Date(clock.now() + keptHours * 3_600_000).toISOString()
    },
    async read(id) {
      const json = await redis.get(keys.plan(id))
      return json === null ? undefined : readJson(StoredPlan, json, `plan ${id}`)
    },
  }
}
