import type { NoticeProgress } from '@vesemir/core'
import { fields } from './keys.ts'
import { readEntry } from './read-events.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'

const eventsAtOnce = 1000

/** Keeps in a deployment's record the number of the last event of which recipients have been notified. */
export function createNoticeProgress({ redis, keys }: Store): NoticeProgress {
  return {
    async readPending(id) {
      const told = await redis.hget(keys.record(id), fields.told)
      const entries = await redis.xrange(keys.events(id), `(${told ?? 0}-0`, '+', 'COUNT', eventsAtOnce)
      return (entries as Entry[]).map(readEntry(id))
    },
    async markNotified(id, seq) {
      await redis.hset(keys.record(id), fields.told, seq)
    },
  }
}
