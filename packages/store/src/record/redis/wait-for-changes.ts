import { deadlineIn, type HostEnded } from '@vesemir/core'
import { readEach } from '../../redis/read-json.ts'
import type { Identity } from './seal-contexts.ts'
import { fields } from './keys.ts'
import { openEntry } from './read-events.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'

interface Changes {
  ended: HostEnded[]
  /** Whether a command was announced. What it says is in the record. */
  commanded: boolean
  cursor: number
}

const pageSize = 500

/**
 * Waits until hosts have ended or a command was announced after the cursor. Other events do not end the wait. Returns no change
 * when the time is up and everything was read. Where Redis has lost what the cursor counts, the cursor goes back to the last event that is
 * there; a command may have come unseen.
 */
export async function waitForChanges(
  store: Store,
  { deployment, cursor, timeoutMs, signal }: ChangesOptions,
): Promise<Changes> {
  const { urgent, clock, keys } = store
  const { id } = deployment
  const deadline = deadlineIn(clock, timeoutMs)
  using changes = await urgent.listen(keys.ends(id), keys.commands(id))
  for (let at = cursor; ;) {
    signal?.throwIfAborted()
    const { heard } = changes
    const { isLast, ...page } = await readChanges(store, { deployment, after: at })
    at = page.cursor
    if (page.ended.length > 0 || page.commanded) return page
    if (!isLast) continue
    const leftMs = deadline.leftMs()
    if (leftMs === 0) return withinRecord(store, { id, page })
    await changes.after(heard, { timeoutMs: leftMs, signal })
  }
}

interface ChangesOptions {
  deployment: Identity
  cursor: number
  timeoutMs: number
  signal?: AbortSignal
}

async function withinRecord(
  { redis, keys }: Pick<Store, 'redis' | 'keys'>,
  { id, page }: { id: string; page: Changes },
): Promise<Changes> {
  const last = Number(await redis.hget(keys.record(id), fields.seq))
  return last < page.cursor ? { ended: [], commanded: true, cursor: last } : page
}

/** Reads a page of changes. Events that no worker has signed are ignored. */
async function readChanges(
  store: Store,
  { deployment, after }: { deployment: Identity; after: number },
): Promise<Changes & { isLast: boolean }> {
  const { redis, keys, onInvalid } = store
  const streams = await redis.xread('COUNT', pageSize, 'STREAMS', keys.events(deployment.id), `${after}-0`)
  const entries = (streams?.[0]?.[1] ?? []) as Entry[]
  const events = readEach(entries.filter(isChange), { read: openEntry(store, deployment), onInvalid })
  const ended = events.flatMap((event) => (event.type === 'host.ended' ? [toHostEnded(event)] : []))
  const commanded = events.some(({ type }) => type === 'deployment.commanded')
  return { ended, commanded, cursor: cursorOf(entries) ?? after, isLast: entries.length < pageSize }
}

function toHostEnded({ host, outcome, traffic, failure }: HostEnded): HostEnded {
  return { host, outcome, traffic, failure }
}

/** Twenty events of a host come to one that it has ended: the others are not worth parsing. */
function isChange([, [, json]]: Entry): boolean {
  return changeTypes.test(json!)
}

const changeTypes = /"type":"(?:host\.ended|deployment\.commanded)"/

function cursorOf(entries: readonly Entry[]): number | undefined {
  const last = entries.at(-1)
  return last && Number.parseInt(last[0])
}
