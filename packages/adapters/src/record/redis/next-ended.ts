import type { DeploymentClaim } from '@vesemir/core'
import { readEntry, type Entry } from './read-events.ts'
import type { Store } from './store.ts'

type Ended = Awaited<ReturnType<DeploymentClaim['nextEnded']>>

const pageSize = 500

/** Waits for hosts to end after the cursor, by the announcements of the events' stream. */
export async function nextEnded(
  store: Store,
  { id, cursor, timeoutMs, signal }: { id: string; cursor: number; timeoutMs: number; signal?: AbortSignal },
): Promise<Ended> {
  const { announcements, clock, keys } = store
  const untilMs = clock.now() + timeoutMs
  using news = await announcements.listen(keys.events(id))
  for (let at = cursor; ;) {
    signal?.throwIfAborted()
    const { heard } = news
    const page = await readEnded(store, { id, after: at })
    at = page.cursor
    const leftMs = untilMs - clock.now()
    if (page.ended.length > 0 || leftMs <= 0) return page
    if (page.isLast) await news.after(heard, { timeoutMs: leftMs, signal })
  }
}

async function readEnded(
  { redis, keys }: Store,
  { id, after }: { id: string; after: number },
): Promise<Ended & { isLast: boolean }> {
  const streams = await redis.xread('COUNT', pageSize, 'STREAMS', keys.events(id), `${after}-0`)
  const events = ((streams?.[0]?.[1] ?? []) as Entry[]).map(readEntry)
  const ended = events.flatMap((event) =>
    event.type === 'host.ended' ? [{ host: event.host, outcome: event.outcome }] : [],
  )
  return { ended, cursor: events.at(-1)?.seq ?? after, isLast: events.length < pageSize }
}
