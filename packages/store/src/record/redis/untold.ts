import type { DeploymentEvent } from '@vesemir/contract'
import { fields } from './keys.ts'
import { readEntry } from './read-events.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'

const eventsAtOnce = 1000

/** Reads the next events, output apart, that `markTold` has not been called with. */
export async function readUntold({ redis, keys }: Store, id: string): Promise<DeploymentEvent[]> {
  const told = await redis.hget(keys.record(id), fields.told)
  const entries = await redis.xrange(keys.events(id), `(${told ?? 0}-0`, '+', 'COUNT', eventsAtOnce)
  return (entries as Entry[]).map(readEntry(id))
}

/** Notes that everything up to this event has been told, or will be whatever happens. */
export async function markTold({ redis, keys }: Store, { id, seq }: { id: string; seq: number }): Promise<void> {
  await redis.hset(keys.record(id), fields.told, seq)
}
