import type { HostCounts, HostStatus } from '@vesemir/contract'
import { VesemirError, type ApplicationEnvironment } from '@vesemir/core'
import { fields } from './keys.ts'
import { createScripts, type Scripts } from './scripts.ts'
import type { Store } from './store.ts'

/** The appends of one attempt, made one at a time. Redis makes none after one that was made and is not known to have been. */
export interface NumberedAppends {
  /** @throws {VesemirError} `FENCE_LOST` */
  make(append: Append): Promise<'appended' | 'commands-came'>
  /**
   * Makes the last append again where a fail-over has lost it, and has it on replicas where they are demanded.
   * @throws {VesemirError} `FENCE_LOST`, `REDIS_NOT_REPLICATED`
   */
  confirm(): Promise<void>
  /** @throws {VesemirError} `FENCE_LOST` */
  check(): Promise<void>
}

export interface Append {
  /** The texts of events, as they are kept. */
  events: readonly string[]
  /** Whether they are output, of which only the newest is kept. */
  isOutput?: boolean
  /** Fields of the record. */
  fields?: [name: string, value: string | number][]
  counts?: Partial<HostCounts>
  /** That the deployment is over, and how many commands were known then. */
  end?: { commands: number } | undefined
  /** That a host has ended, which its coordinator waits for. */
  isEndOfHost?: boolean
  /** What is kept beside the record, across deployments. */
  beside?: readonly AlsoWritten[]
}

/** A field of a hash that is not the record's. */
export interface AlsoWritten {
  key: string
  field: string
  value: string
}

export interface AttemptScope {
  id: string
  /** Whose turns it takes part in. */
  place: ApplicationEnvironment
  /** A host's name, or '' for the deployment itself. */
  scope: string
  attempt: number
}

/** Makes appends to one deployment for as long as the attempt's fence holds. */
export function createNumberedAppends(store: Store, of: AttemptScope): NumberedAppends {
  const { keys, redis, scripts, writes } = store
  const { id, scope, attempt } = of
  let lastNumber = 0
  let made: { number: number; sent: Sent } | undefined
  // It may have been made, and its answer lost, before Redis refused to have it again. Where that cannot be told, the next append finds out.
  const isMade = async (number: number) => {
    const last = await redis.hget(keys.record(id), fields.appended(scope)).catch(() => undefined)
    return last === `${attempt}.${number}`
  }
  return {
    async make(append) {
      const number = (lastNumber += 1)
      const sent = toSend(store, { append, of, number, after: made?.number ?? 0 })
      const outcome = await send(scripts, sent, of).catch(async (error: unknown) => {
        if (await isMade(number)) return 'appended' as const
        throw error
      })
      if (outcome === 'appended') made = { number, sent }
      return outcome
    },
    async confirm() {
      const sent = made?.sent
      if (sent) await writes?.write((redis) => send(createScripts(redis), sent, of))
    },
    async check() {
      const fence = await redis.hget(keys.record(id), fields.fence(scope))
      if (fence !== String(attempt)) throw fenceLost(of)
    },
  }
}

type Sent = Parameters<Scripts['append']>

function toSend(
  { keys, logEntries }: Store,
  { append, of, ...numbers }: { append: Append; of: AttemptScope; number: number; after: number },
): Sent {
  const { events, isOutput = false, beside = [], fields: changed = [], counts = {}, end, isEndOfHost } = append
  const { id, place, scope, attempt } = of
  const terms = {
    scope,
    attempt,
    ...numbers,
    events: events.length,
    maxEntries: isOutput ? logEntries : undefined,
    counts: Object.fromEntries(Object.entries(counts).map(([status, by]) => [fields.count(status as HostStatus), by])),
    end: end && { id, ...end },
    announceOn: [...(isEndOfHost ? [keys.ends(id)] : []), ...(isOutput ? [] : [keys.changes])],
  }
  const stream = isOutput ? keys.log(id) : keys.events(id)
  return [
    [keys.record(id), stream, keys.ofDeployment(id).active, keys.turns(place), ...beside.map(({ key }) => key)],
    [JSON.stringify(terms), ...events, ...beside.flatMap(({ field, value }) => [field, value]), ...changed.flat()],
  ]
}

async function send(
  scripts: Pick<Scripts, 'append'>,
  sent: Sent,
  of: AttemptScope,
): Promise<'appended' | 'commands-came'> {
  const outcome = await scripts.append(...sent)
  if (outcome === 0) throw fenceLost(of)
  if (outcome === 3) throw recordMoved(of)
  return outcome === 1 ? 'appended' : 'commands-came'
}

function fenceLost(of: AttemptScope): VesemirError {
  return new VesemirError('FENCE_LOST', `another worker took over ${nameOf(of)} from attempt ${of.attempt}`)
}

function recordMoved(of: AttemptScope): VesemirError {
  const what = `the record of ${nameOf(of)} in Redis is not as attempt ${of.attempt} left it`
  return new VesemirError('FENCE_LOST', `${what}: the next attempt continues from it`)
}

function nameOf({ id, scope }: AttemptScope): string {
  return scope ? `${scope} in ${id}` : id
}
