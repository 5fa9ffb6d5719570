import type { Plans } from '@vesemir/core'
import { readJson } from '../../redis/read-json.ts'
import { sealContexts } from './seal-contexts.ts'
import { StoredPlan } from './schemas.ts'
import type { Store } from './store.ts'

const keptHours = 24

/** Keeps each plan in a key of its own, which expires. */
export function createPlans({ redis, keys, clock, seals }: Store): Plans {
  let last = 0
  return {
    async nextId() {
      const number = await redis.incr(keys.lastPlan)
      // Redis has forgotten some of those that it gave here.
      last = number > last ? number : await redis.incrby(keys.lastPlan, last - number + 1)
      return `p-${last}`
    },
    async keep(stored) {
      const expiresMs = clock.now() + keptHours * 3_600_000
      const sealed = seals.kept.put(sealContexts.plan(stored.id), JSON.stringify({ ...stored, expiresMs }))
      await redis.set(keys.plan(stored.id), sealed, 'EX', keptHours * 3600)
      return new Date(expiresMs).toISOString()
    },
    async read(id) {
      const sealed = await redis.get(keys.plan(id))
      if (sealed === null) return undefined
      const place = sealContexts.plan(id)
      const { expiresMs, ...stored } = readJson(StoredPlan, seals.kept.open(place, sealed).text, place)
      return clock.now() < expiresMs ? stored : undefined
    },
  }
}
