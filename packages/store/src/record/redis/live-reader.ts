import type { EventLog } from '@vesemir/core'
import { readEvents } from './read-events.ts'
import { shareReadings } from './share-readings.ts'
import type { Store } from './store.ts'

/** Log entries are up to 16 KiB each: so much a follower holds at once. */
const pageSize = 100

/** Followers look by themselves after this time: a connection that hangs costs a delay, never an event. */
const checkIntervalMs = 5000

/** How long a page is kept for those who have heard the same, but still had one before it to pass on. */
const keptMs = 250

/** How far a follower is, and how much news it has heard of. */
interface Position {
  id: string
  after: number
  epoch: string | undefined
  heard: number
}

/**
 * Makes the one reader of a process, for however many follow however many deployments. Each follower takes pages at its own
 * pace and holds no more than one; those at the same place share one reading, and the very same page.
 */
export function createLiveReader(store: Store): EventLog['follow'] {
  // A reading is shared by those who have heard the same, so that it has all that any of them was told of.
  const readShared = shareReadings(
    ({ id, after, epoch }: Position) => readEvents(store, { id, after, epoch, limit: pageSize }),
    { keyOf: ({ id, after, epoch, heard }) => `${id} ${after} ${epoch} ${heard}`, keptMs },
  )
  return async function* follow(id, { after, epoch: known, signal }) {
    const { announcements, keys } = store
    using news = await announcements.listen(keys.events(id), keys.log(id))
    let cursor = after
    let epoch = known
    for (;;) {
      signal?.throwIfAborted()
      const { heard } = news
      const page = await readShared({ id, after: cursor, epoch, heard })
      if (page.next > cursor || page.ended || page.restored) yield page
      cursor = page.next
      epoch = page.epoch
      if (page.ended) return
      // A page that is not full has all that there was: nothing is to be read before there is news.
      if (page.events.length < pageSize) await news.after(heard, { timeoutMs: checkIntervalMs, signal })
    }
  }
}
