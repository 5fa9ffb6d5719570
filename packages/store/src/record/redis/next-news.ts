import { deadlineIn, type HostEnd } from '@vesemir/core'
import { readEach } from '../../redis/read-json.ts'
import type { Identity } from './places.ts'
import { openEntry } from './read-events.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'

interface News {
  ended: { host: string; outcome: HostEnd }[]
  /** Whether a command was announced. What it says is in the record. */
  commanded: boolean
  cursor: number
}

const pageSize = 500

/**
 * Waits for hosts to end, and for commands, after the cursor. Other events wake nobody. None after the time is up means that
 * there are none: everything has been read.
 */
export async function nextNews(store: Store, { deployment, cursor, timeoutMs, signal }: NewsOptions): Promise<News> {
  const { urgent, clock, keys } = store
  const { id } = deployment
  const deadline = deadlineIn(clock, timeoutMs)
  using news = await urgent.listen(keys.ends(id), keys.commands(id))
  for (let at = cursor; ;) {
    signal?.throwIfAborted()
    const { heard } = news
    const { isLast, ...page } = await readNews(store, { deployment, after: at })
    at = page.cursor
    if (page.ended.length > 0 || page.commanded) return page
    if (!isLast) continue
    const leftMs = deadline.leftMs()
    if (leftMs === 0) return page
    await news.after(heard, { timeoutMs: leftMs, signal })
  }
}

interface NewsOptions {
  deployment: Identity
  cursor: number
  timeoutMs: number
  signal?: AbortSignal
}

/** An event that no worker has signed is no news. */
async function readNews(
  store: Store,
  { deployment, after }: { deployment: Identity; after: number },
): Promise<News & { isLast: boolean }> {
  const { redis, keys, onInvalid } = store
  const streams = await redis.xread('COUNT', pageSize, 'STREAMS', keys.events(deployment.id), `${after}-0`)
  const entries = (streams?.[0]?.[1] ?? []) as Entry[]
  const events = readEach(entries.filter(isNews), { read: openEntry(store, deployment), onInvalid })
  const ended = events.flatMap((event) =>
    event.type === 'host.ended' ? [{ host: event.host, outcome: event.outcome }] : [],
  )
  const commanded = events.some(({ type }) => type === 'deployment.commanded')
  return { ended, commanded, cursor: cursorOf(entries) ?? after, isLast: entries.length < pageSize }
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
