import type { EventPage } from '@vesemir/contract'
import type { EventLog } from '@vesemir/core'
import { readEvents } from './read-events.ts'
import type { Store } from './store.ts'

/** Log entries are up to 16 KiB each: so much a follower holds at once. */
const pageSize = 100

/** Followers look by themselves after this time: a connection that hangs costs a delay, never an event. */
const checkIntervalMs = 5000

/** How long a page is kept for those who have heard the same, but still had one before it to pass on. */
const keptMs = 250

interface Position {
  after: number
  epoch: string | undefined
}

/**
 * Makes the one reader of a process, for however many follow however many deployments. Each follower takes pages at its own
 * pace and holds no more than one; those at the same place share one reading, and the very same page.
 */
export function createLiveReader(store: Store): EventLog['follow'] {
  const readings = new Map<string, Promise<EventPage>>()
  // A reading is shared by those who have heard the same, so that it has all that any of them was told of.
  const readShared = (id: string, { heard, after, epoch }: Position & { heard: number }) => {
    const place = `${id} ${after} ${epoch} ${heard}`
    const known = readings.get(place)
    if (known) return known
    const reading = readEvents(store, { id, after, epoch, limit: pageSize })
    const forget = () => readings.delete(place)
    reading.then(() => setTimeout(forget, keptMs).unref(), forget)
    readings.set(place, reading)
    return reading
  }
  return async function* follow(id, { after, epoch: known, signal }) {
    const { announcements, keys } = store
    using news = await announcements.listen(keys.events(id), keys.log(id))
    let cursor = after
    let epoch = known
    for (;;) {
      signal?.throwIfAborted()
      const { heard } = news
      const page = await readShared(id, { after: cursor, epoch, heard })
      if (page.next > cursor || page.ended || page.restored) yield page
      cursor = page.next
      epoch = page.epoch
      if (page.ended) return
      // A page that is not full has all that there was: nothing is to be read before there is news.
      if (page.events.length < pageSize) await news.after(heard, { timeoutMs: checkIntervalMs, signal })
    }
  }
}
