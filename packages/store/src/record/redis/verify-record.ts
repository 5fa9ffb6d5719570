import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { DeploymentEvent } from '@vesemir/contract'
import { VesemirError, type VerifiedDeployment } from '@vesemir/core'
import { z } from 'zod'
import { isUnreliable, readJson } from '../../redis/read-json.ts'
import { linkTo, textOf } from '../../seal/seal.ts'
import { fields } from './keys.ts'
import { openHost, readParts, type Parts } from './read-deployment.ts'
import { readEntry } from './read-events.ts'
import { sealContexts, type Identity } from './seal-contexts.ts'
import type { Entry } from './scripts.ts'
import { openCommands, openRow, type Row, type Sealed, type Store } from './store.ts'

const pageSize = 1000
/** Signatures are checked this many at a time: others have their turn in between. */
const hostsAtOnce = 50

/**
 * Checks that a deployment's record is whole: that people and workers signed what stands in it, that the events which workers wrote are
 * all there, each linked to the one before it of the same host, or of the deployment itself, up to those that the record names as
 * the last, and that what people asked for are events too.
 * @throws {VesemirError} `ORDER_NOT_SIGNED`, `ORDER_FORGED`, `RECORD_INVALID`
 */
export async function verifyRecord(store: Store, id: string): Promise<void> {
  await verifySource(store, id, {
    readParts: () => readParts(store, id),
    readCommands: () => store.redis.hget(store.keys.record(id), fields.commands),
    readEntries: () => readEntries(store, id),
  })
}

/** Where the parts of a record are read, as they are kept, to be verified. */
export interface RecordSource {
  readParts(): Promise<Parts>
  /** The value of `commands`. */
  readCommands(): Promise<string | null>
  /** The events without output, in their order. */
  readEntries(): AsyncIterable<Entry>
}

/** Checks the same of a record that is read elsewhere. Throws as `verifyRecord`. */
export async function verifySource({ seals }: Sealed, id: string, source: RecordSource): Promise<void> {
  const store = { seals: seals.strict ?? seals }
  // Before the events: those that come meanwhile are none that the record names.
  const record = await openRecord(store, id, await source.readParts())
  if (!record) return
  const { row, heads, cursor } = record
  const commands = await source.readCommands()
  const events = await takeEvents(store, source.readEntries(), { deployment: row.deployment, cursor })
  for (const scope of new Set([...heads.keys(), ...events.heads.keys()]))
    if ((heads.get(scope) ?? '') !== (events.heads.get(scope) ?? '')) throw incomplete(row.deployment, scope)
  verifyAsked(row, { events, cursor, given: openCommands(store, row.deployment, { commands, followed: 0 }) })
}

/** Returns why a deployment's record is not whole; undefined where it is, or where there is none. */
export async function findProblem(store: Store, id: string): Promise<VesemirError | undefined> {
  try {
    await verifyRecord(store, id)
    return undefined
  } catch (problem) {
    if (!isUnreliable(problem)) throw problem
    // It may have been deleted after its retention time while it was read.
    return (await store.redis.exists(store.keys.record(id))) === 1 ? problem : undefined
  }
}

/** Checks the newest deployments of an application, as `Deployments.verifyNewest`. */
export async function verifyNewest(
  store: Store,
  { application, count }: { application: string; count: number },
): Promise<VerifiedDeployment[]> {
  const ids = await store.redis.zrevrange(
    store.keys.ofApplication(application).index('application', application),
    0,
    count - 1,
  )
  return Promise.all(
    ids.map(async (id) => {
      const problem = await findProblem(store, id)
      return problem ? { id, problem } : { id }
    }),
  )
}

/** Links of the last events, by scope: a host's name, or '' for the deployment itself. */
type Heads = Map<string, string>

async function openRecord(
  store: Sealed,
  id: string,
  { values, names, hosts, seq }: Parts,
): Promise<{ row: Row; heads: Heads; cursor: number } | undefined> {
  const row = openRow(store, id, values)
  if (!row) return undefined
  const heads: Heads = new Map([['', row.head]])
  for (const [index, sealed] of hosts.entries()) {
    if (index % hostsAtOnce === hostsAtOnce - 1) await setImmediate()
    const name = names[index]!
    heads.set(name, openHost(store.seals, sealed.toString(), { deployment: row.deployment, name }).head)
  }
  return { row, heads, cursor: Number(seq) }
}

/** What is read of an event to know whom it is about. */
const Described = z.looseObject({ type: z.string(), host: z.string().optional() })

interface Events {
  heads: Heads
  /** Those that are linked to nothing, by their numbers. */
  unlinked: Map<number, DeploymentEvent>
}

/** What people ask for, and what workers write without a claim, is linked to nothing. */
const asked = ['deployment.queued', 'deployment.commanded']
const unclaimed = ['deployment.waiting', 'deployment.superseded']

/** Takes what comes up to the cursor, and later commands. */
async function takeEvents(
  store: Sealed,
  entries: AsyncIterable<Entry>,
  { deployment, cursor }: { deployment: Identity; cursor: number },
): Promise<Events> {
  const events: Events = { heads: new Map(), unlinked: new Map() }
  for await (const entry of entries) takeEvent(store, entry, { deployment, cursor, events })
  return events
}

async function* readEntries({ redis, keys }: Store, id: string): AsyncGenerator<Entry> {
  for (let after = '-'; ;) {
    const entries = (await redis.xrange(keys.events(id), after, '+', 'COUNT', pageSize)) as Entry[]
    yield* entries
    if (entries.length < pageSize) return
    after = `(${entries.at(-1)![0]}`
  }
}

function takeEvent(
  { seals }: Sealed,
  entry: Entry,
  { deployment, cursor, events }: { deployment: Identity; cursor: number; events: Events },
): void {
  const [number, [, sealed = '']] = entry
  const seq = Number.parseInt(number)
  const event = readJson(Described, textOf(sealed), `event ${seq} of ${deployment.id}`)
  const scope = event.host ?? ''
  if (asked.includes(event.type) || unclaimed.includes(event.type)) {
    if (unclaimed.includes(event.type)) seals.rows.open(sealContexts.event(deployment, scope), sealed)
    events.unlinked.set(seq, readEntry(deployment.id)(entry))
  } else if (seq <= cursor) {
    const { link } = seals.record.open(sealContexts.event(deployment, scope), sealed)
    if (link !== (events.heads.get(scope) ?? '')) throw incomplete(deployment, scope)
    events.heads.set(scope, linkTo(sealed))
  }
}

/** Checks that what people asked for, by what they signed, is what the events say. */
function verifyAsked(
  { deployment, order, followed }: Row,
  { events, cursor, given }: { events: Events; cursor: number; given: ReturnType<typeof openCommands> },
): void {
  const { unlinked } = events
  const expected = new Map<number, object>(
    given.map((command) => [command.seq, { type: 'deployment.commanded', ...command }]),
  )
  if (order) {
    const { expectedPlan: _plan, ...queued } = order
    expected.set(1, { seq: 1, type: 'deployment.queued', ...queued })
  }
  const found = [...unlinked].filter(([seq, { type }]) => seq <= cursor && asked.includes(type))
  const isWhole =
    given.length >= followed &&
    [...expected].every(([seq, event]) => isDeepStrictEqual(event, unlinked.get(seq))) &&
    found.every(([seq]) => !order || expected.has(seq)) &&
    (!deployment.supersededBy || [...unlinked.values()].some(({ type }) => type === 'deployment.superseded'))
  if (!isWhole) throw incomplete(deployment, '')
}

function incomplete({ id }: Identity, scope: string): VesemirError {
  const message = `events of ${scope || 'the deployment'} are missing from the record of ${id}, or were changed`
  return new VesemirError('ORDER_FORGED', message)
}
