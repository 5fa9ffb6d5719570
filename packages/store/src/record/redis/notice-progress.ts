import type { NoticeProgress } from '@vesemir/core'
import { fields } from './keys.ts'
import { readEach } from '../../redis/read-json.ts'
import { openEntry } from './read-events.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'

const eventsAtOnce = 1000

/** Keeps in a deployment's record the number of the last event of which recipients have been notified. */
export function createNoticeProgress(store: Store): NoticeProgress {
  const { redis, keys, onInvalid } = store
  return {
    async readPending(deployment) {
      const { id } = deployment
      const told = await redis.hget(keys.record(id), fields.told)
      const entries = await redis.xrange(keys.events(id), `(${told ?? 0}-0`, '+', 'COUNT', eventsAtOnce)
      return readEach(entries as Entry[], { read: openEntry(store, deployment), onInvalid })
    },
    async markNotified(id, seq) {
      await redis.hset(keys.record(id), fields.told, seq)
    },
  }
}
