import type { HostEnd, CommandedEvent } from '@vesemir/core'
import { readEntry, type Entry } from './read-events.ts'
import type { Store } from './store.ts'

interface News {
  ended: { host: string; outcome: HostEnd }[]
  commands: CommandedEvent[]
  cursor: number
}

const pageSize = 500

/** Waits for hosts to end, and for commands, after the cursor, by the announcements of the events' stream. */
export async function nextNews(
  store: Store,
  { id, cursor, timeoutMs, signal }: { id: string; cursor: number; timeoutMs: number; signal?: AbortSignal },
): Promise<News> {
  const { announcements, clock, keys } = store
  const untilMs = clock.now() + timeoutMs
  using news = await announcements.listen(keys.events(id))
  for (let at = cursor; ;) {
    signal?.throwIfAborted()
    const { heard } = news
    const { isLast, ...page } = await readNews(store, { id, after: at })
    at = page.cursor
    const leftMs = untilMs - clock.now()
    if (page.ended.length > 0 || page.commands.length > 0 || leftMs <= 0) return page
    if (isLast) await news.after(heard, { timeoutMs: leftMs, signal })
  }
}

async function readNews(
  { redis, keys }: Store,
  { id, after }: { id: string; after: number },
): Promise<News & { isLast: boolean }> {
  const streams = await redis.xread('COUNT', pageSize, 'STREAMS', keys.events(id), `${after}-0`)
  const events = ((streams?.[0]?.[1] ?? []) as Entry[]).map(readEntry)
  const ended = events.flatMap((event) =>
    event.type === 'host.ended' ? [{ host: event.host, outcome: event.outcome }] : [],
  )
  const commands = events.filter((event) => event.type === 'deployment.commanded')
  return { ended, commands, cursor: events.at(-1)?.seq ?? after, isLast: events.length < pageSize }
}
