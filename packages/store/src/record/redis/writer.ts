import type { DeploymentFact, HostCounts, HostFact, HostStatus, LogFact } from '@vesemir/contract'
import { VesemirError, type Place } from '@vesemir/core'
import { fields } from './keys.ts'
import { timestamp, type Store } from './store.ts'

/** Appends to one deployment for as long as its fence holds, one append after the other. */
export interface Writer {
  /** `change` gives what follows for the record from the fact at its moment; it is asked when the fact's turn has come. */
  append(fact: DeploymentFact | HostFact, change: (at: string) => Change): Promise<'appended' | 'commands-came'>
  appendLog(fact: LogFact): Promise<void>
  /** @throws {VesemirError} `FENCE_LOST` */
  check(): Promise<void>
}

export interface Change {
  /** Events that come before this one, with their moments. */
  earlier?: readonly object[]
  fields?: [name: string, value: string | number][]
  counts?: Partial<HostCounts>
  /** That the deployment is over, and the last command that was known then. */
  end?: { lastCommand: number | undefined } | undefined
  /** That a host has ended, which its coordinator waits for. */
  isEndOfHost?: boolean
  /** What is kept beside the record, across deployments. */
  beside?: readonly Beside[]
}

/** A field of a hash that is not the record's. */
export interface Beside {
  key: string
  field: string
  value: string
}

export interface Scope {
  id: string
  /** Whose turns it takes part in. */
  place: Place
  /** A host's name, or '' for the deployment itself. */
  scope: string
  attempt: number
}

/** Makes the writer of one attempt. */
export function createWriter(store: Store, { id, place, scope, attempt }: Scope): Writer {
  const { keys, scripts, clock } = store
  let appends = 0
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(task: () => Promise<Result>) => {
    const turn = last.then(task)
    last = turn.catch(() => {})
    return turn
  }
  const run = async (stream: string, { event, maxEntries, change = {} }: Append) => {
    const { earlier = [], fields: changed = [], counts = {}, end, beside = [], isEndOfHost = false } = change
    const events = [...earlier, event]
    const append = {
      scope,
      attempt,
      number: (appends += 1),
      events: events.length,
      maxEntries,
      counts: Object.fromEntries(
        Object.entries(counts).map(([status, by]) => [fields.count(status as HostStatus), by]),
      ),
      end: end && { id, ...end },
      announceOn: isEndOfHost ? keys.ends(id) : undefined,
    }
    const outcome = await scripts.append(
      [keys.record(id), stream, keys.active, keys.turns(place), ...beside.map(({ key }) => key)],
      [
        JSON.stringify(append),
        ...events.map((event) => JSON.stringify(event)),
        ...beside.flatMap(({ field, value }) => [field, value]),
        ...changed.flat(),
      ],
    )
    if (outcome === 0) throw fenceLost({ id, scope, attempt })
    return outcome === 1 ? ('appended' as const) : ('commands-came' as const)
  }
  return {
    append: (fact, change) =>
      inTurn(async () => {
        const at = timestamp(clock)
        return run(keys.events(id), { event: { ...fact, at }, change: change(at) })
      }),
    appendLog: (fact) =>
      inTurn(async () => {
        await run(keys.log(id), { event: { ...fact, at: timestamp(clock) }, maxEntries: store.logEntries })
      }),
    async check() {
      const fence = await store.redis.hget(keys.record(id), fields.fence(scope))
      if (fence !== String(attempt)) throw fenceLost({ id, scope, attempt })
    },
  }
}

interface Append {
  event: object
  /** About how many entries the stream keeps; all without it. */
  maxEntries?: number
  change?: Change
}

function fenceLost({ id, scope, attempt }: Omit<Scope, 'place'>): VesemirError {
  const what = scope ? `${scope} in ${id}` : id
  return new VesemirError('FENCE_LOST', `another worker took over ${what} from attempt ${attempt}`)
}
