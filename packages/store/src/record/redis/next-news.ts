import { deadlineIn, type CommandedEvent, type HostEnd } from '@vesemir/core'
import { readEntry } from './read-events.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'

interface News {
  ended: { host: string; outcome: HostEnd }[]
  commands: CommandedEvent[]
  cursor: number
}

const pageSize = 500

/**
 * Waits for hosts to end, and for commands, after the cursor. Other events wake nobody. None after the time is up means that
 * there are none: everything has been read.
 */
export async function nextNews(
  store: Store,
  { id, cursor, timeoutMs, signal }: { id: string; cursor: number; timeoutMs: number; signal?: AbortSignal },
): Promise<News> {
  const { urgent, clock, keys } = store
  const deadline = deadlineIn(clock, timeoutMs)
  using news = await urgent.listen(keys.ends(id), keys.commands(id))
  for (let at = cursor; ;) {
    signal?.throwIfAborted()
    const { heard } = news
    const { isLast, ...page } = await readNews(store, { id, after: at })
    at = page.cursor
    if (page.ended.length > 0 || page.commands.length > 0) return page
    if (!isLast) continue
    const leftMs = deadline.leftMs()
    if (leftMs === 0) return page
    await news.after(heard, { timeoutMs: leftMs, signal })
  }
}

async function readNews(
  { redis, keys }: Store,
  { id, after }: { id: string; after: number },
): Promise<News & { isLast: boolean }> {
  const streams = await redis.xread('COUNT', pageSize, 'STREAMS', keys.events(id), `${after}-0`)
  const entries = (streams?.[0]?.[1] ?? []) as Entry[]
  const events = entries.filter(isNews).map(readEntry(id))
  const ended = events.flatMap((event) =>
    event.type === 'host.ended' ? [{ host: event.host, outcome: event.outcome }] : [],
  )
  const commands = events.filter((event) => event.type === 'deployment.commanded')
  return { ended, commands, cursor: cursorOf(entries) ?? after, isLast: entries.length < pageSize }
}

/** Twenty events of a host come to one that it has ended: the others are not worth parsing. */
function isNews([, [, json]]: Entry): boolean {
  return newsTypes.test(json!)
}

const newsTypes = /"type":"(?:host\.ended|deployment\.commanded)"/

function cursorOf(entries: readonly Entry[]): number | undefined {
  const last = entries.at(-1)
  return last && Number.parseInt(last[0])
}
