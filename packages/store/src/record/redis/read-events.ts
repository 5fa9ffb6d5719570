import type { DeploymentEvent, DeploymentStatus, EventPage } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { readJson } from '../../redis/read-json.ts'
import { textOf } from '../../seal/seal.ts'
import { missingDeployment } from './missing-deployment.ts'
import { sealContexts, type Identity } from './seal-contexts.ts'
import { NewerEvent, StoredEvent } from './schemas.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'
import type { z } from 'zod'

const active: DeploymentStatus[] = ['queued', 'planning', 'running', 'paused', 'gated']

/**
 * Reads the events after a number, of both streams in one order. A number that is in neither was a log entry's, and was
 * trimmed. One of another epoch, past what was kept, continues where the record was restored.
 * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `DEPLOYMENT_LOST`, `REQUEST_INVALID` when the deployment has no such event yet
 */
export async function readEvents(
  store: Store,
  {
    id,
    after: asked,
    epoch: known = '',
    limit,
  }: { id: string; after: number; epoch?: string | undefined; limit: number },
): Promise<EventPage> {
  const { scripts, keys } = store
  const shard = keys.ofDeployment(id)
  // At once: the numbers in both streams and the last number given are of one moment.
  const [seq, status, epoch, from, streams] = await scripts.readEvents(
    [keys.record(id), keys.events(id), keys.log(id), shard.epoch, shard.restored],
    [asked, known, limit, id],
  )
  if (!seq || !status) throw await missingDeployment(store, id)
  const [last, after] = [Number(seq), Number(from)]
  refusePast(after, last)

  const pages = (streams ?? []).map(([, entries]) => entries.map(readEntry(id)))
  const { events, next } = merge(pages, { last, limit })
  const isEnded = !active.includes(status as DeploymentStatus)
  return {
    events,
    next,
    trimmed: findGaps(events, { after, next }),
    ended: isEnded && next === last,
    ...(epoch === '' ? {} : { epoch }),
    ...(after < asked ? { restored: { after } } : {}),
  }
}

/**
 * Merges what was read of each stream. Of a stream that gave as much as was asked for there may be more: nothing past its
 * last can be told yet.
 */
function merge(
  pages: readonly DeploymentEvent[][],
  { last, limit }: { last: number; limit: number },
): { events: DeploymentEvent[]; next: number } {
  const known = pages.map((events) => (events.length < limit ? last : events.at(-1)!.seq))
  const horizon = Math.min(last, ...known)
  const merged = pages
    .flat()
    .filter(({ seq }) => seq <= horizon)
    .sort((a, b) => a.seq - b.seq)
  const events = merged.slice(0, limit)
  return { events, next: merged.length > limit ? events.at(-1)!.seq : horizon }
}

/** @throws {VesemirError} `REQUEST_INVALID` for a number that no event has yet */
export function refusePast(after: number, last: number): void {
  if (after > last) throw new VesemirError('REQUEST_INVALID', `after: ${after} is past the last event, ${last}`)
}

/** Returns the runs of numbers in (after, next] that no event has. */
export function findGaps(
  events: readonly DeploymentEvent[],
  { after, next }: { after: number; next: number },
): { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = []
  let expected = after + 1
  for (const seq of [...events.map((event) => event.seq), next + 1]) {
    if (seq > expected) gaps.push({ from: expected, to: seq - 1 })
    expected = seq + 1
  }
  return gaps
}

/**
 * Makes what reads events that are acted on: those that workers write have to be theirs. What was asked for, and commanded, is
 * taken from the record.
 * @throws {VesemirError} `ORDER_NOT_SIGNED`, `ORDER_FORGED`, `RECORD_INVALID`
 */
export function openEntry({ seals }: Store, deployment: Identity): (entry: Entry) => DeploymentEvent {
  const read = readEntry(deployment.id)
  return (entry) => {
    const event = read(entry)
    if (event.type === 'deployment.queued' || event.type === 'deployment.commanded') return event
    const [, [, sealed]] = entry
    seals.record.open(sealContexts.event(deployment, 'host' in event ? event.host : ''), sealed!)
    return event
  }
}

/** Puts the events of a deployment together from their stream's entries, whose ids are their numbers. @throws {VesemirError} `RECORD_INVALID` */
export function readEntry(id: string): (entry: Entry) => DeploymentEvent {
  return ([number, [, sealed]]) => {
    const seq = Number.parseInt(number)
    return { ...readStored(textOf(sealed!), `event ${seq} of ${id}`), seq }
  }
}

function readStored(text: string, what: string): z.output<typeof StoredEvent> {
  try {
    return readJson(StoredEvent, text, what)
  } catch (error) {
    const newer = parsed(text)
    if (newer === undefined) throw error
    return newer as z.output<typeof StoredEvent>
  }
}

function parsed(text: string): z.output<typeof NewerEvent> | undefined {
  try {
    return NewerEvent.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
