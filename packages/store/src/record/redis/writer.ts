import type { DeploymentFact, HostCounts, HostFact, HostStatus, LogFact, TaskLogFact } from '@vesemir/contract'
import { VesemirError, type ApplicationEnvironment } from '@vesemir/core'
import { linkTo, type Seal } from '../../seal/seal.ts'
import { fields } from './keys.ts'
import { createScripts, type Scripts } from './scripts.ts'
import { sealContexts, type Identity } from './seal-contexts.ts'
import { timestamp, type Store } from './store.ts'

/** Appends to one deployment for as long as its fence holds, one append after the other. */
export interface Writer {
  /** `change` gives what follows for the record from the fact at its moment; it is asked when the fact's turn has come. */
  append(fact: DeploymentFact | HostFact, change: (at: string) => Change): Promise<'appended' | 'commands-came'>
  appendLog(fact: LogFact | TaskLogFact): Promise<void>
  /** @throws {VesemirError} `FENCE_LOST` */
  check(): Promise<void>
  /**
   * Makes sure that replicas have the last append, where they are demanded: a fail-over may have lost it, then it is made again.
   * @throws {VesemirError} `FENCE_LOST`, `REDIS_NOT_REPLICATED`
   */
  confirm(): Promise<void>
}

export interface Change {
  /** Events that come before this one, with their moments. */
  earlier?: readonly object[]
  fields?: [name: string, value: string | number][]
  /** The record that follows, which is sealed with the link of the last event. */
  record?: { field: string; place: string; text: string }
  counts?: Partial<HostCounts>
  /** That the deployment is over, and how many commands were known then. */
  end?: { commands: number } | undefined
  /** That a host has ended, which its coordinator waits for. */
  isEndOfHost?: boolean
  /** What is kept beside the record, across deployments. */
  beside?: readonly AlsoWritten[]
  /** Called when it was not written, before the next append has its turn. */
  takeBack?: () => void
}

/** A field of a hash that is not the record's. */
export interface AlsoWritten {
  key: string
  field: string
  value: string
}

export interface Scope {
  deployment: Identity
  /** Whose turns it takes part in. */
  place: ApplicationEnvironment
  /** A host's name, or '' for the deployment itself. */
  scope: string
  attempt: number
  /** The link of the last event of this scope. */
  head: string
}

/** Makes the writer of one attempt. It seals each event but output, linked to the one before. */
export function createWriter(store: Store, { deployment, place, scope, attempt, ...from }: Scope): Writer {
  const { keys, clock, seals, writes } = store
  const { id } = deployment
  let { head } = from
  let appends = 0
  let sent: Parameters<Scripts['append']> | undefined
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(task: () => Promise<Result>) => {
    const turn = last.then(task)
    last = turn.catch(() => {})
    return turn
  }
  const run = async ({ events, isOutput = false, change = {} }: Append) => {
    const { beside = [], fields: changed = [] } = change
    const append = {
      scope,
      attempt,
      number: (appends += 1),
      events: events.length,
      maxEntries: isOutput ? store.logEntries : undefined,
      ...termsOf(change, id),
      announceOn: [...(change.isEndOfHost ? [keys.ends(id)] : []), ...(isOutput ? [] : [keys.changes])],
    }
    const stream = isOutput ? keys.log(id) : keys.events(id)
    sent = [
      [keys.record(id), stream, keys.ofDeployment(id).active, keys.turns(place), ...beside.map(({ key }) => key)],
      [JSON.stringify(append), ...events, ...beside.flatMap(({ field, value }) => [field, value]), ...changed.flat()],
    ]
    return send(store.scripts, sent, { id, scope, attempt })
  }
  return {
    append: (fact, changeAt) =>
      inTurn(async () => {
        const at = timestamp(clock)
        const { record, takeBack = () => {}, ...change } = changeAt(at)
        const facts = [...(change.earlier ?? []), { ...fact, at }]
        const context = sealContexts.event(deployment, scope)
        const events = sealEvents(facts, { seal: seals.record, context, after: head })
        const end = linkTo(events.at(-1)!)
        const fields = [...(change.fields ?? []), ...(record ? [sealRecord(record, seals.rows, end)] : [])]
        const outcome = await orElse(run({ events, change: { ...change, fields } }), takeBack)
        if (outcome === 'appended') head = end
        return outcome
      }),
    appendLog: (fact) =>
      inTurn(async () => {
        const events = [JSON.stringify({ ...fact, at: timestamp(clock) })]
        await run({ events, isOutput: true })
      }),
    async check() {
      const fence = await store.redis.hget(keys.record(id), fields.fence(scope))
      if (fence !== String(attempt)) throw fenceLost({ id, scope, attempt })
    },
    confirm: () =>
      inTurn(async () => {
        const append = sent
        if (append) await writes?.write((redis) => send(createScripts(redis), append, { id, scope, attempt }))
      }),
  }
}

/** Waits for a promise, and does something before its failure is told. */
async function orElse<Result>(promise: Promise<Result>, whenFailed: () => void): Promise<Result> {
  try {
    return await promise
  } catch (error) {
    whenFailed()
    throw error
  }
}

type Fenced = Pick<Scope, 'scope' | 'attempt'> & { id: string }

async function send(
  scripts: Pick<Scripts, 'append'>,
  append: Parameters<Scripts['append']>,
  fenced: Fenced,
): Promise<'appended' | 'commands-came'> {
  const outcome = await scripts.append(...append)
  if (outcome === 0) throw fenceLost(fenced)
  return outcome === 1 ? 'appended' : 'commands-came'
}

/** What the script is told of a change besides events, fields and hashes. */
function termsOf({ counts = {}, end }: Change, id: string): object {
  return {
    counts: Object.fromEntries(Object.entries(counts).map(([status, by]) => [fields.count(status as HostStatus), by])),
    end: end && { id, ...end },
  }
}

function sealRecord(
  { field, place, text }: NonNullable<Change['record']>,
  seal: Seal,
  link: string,
): [field: string, sealed: string] {
  return [field, seal.put(place, text, link)]
}

/** Seals events, each linked to the one before. */
function sealEvents(
  events: readonly object[],
  { seal, context, after }: { seal: Seal; context: string; after: string },
): string[] {
  let link = after
  return events.map((event) => {
    const sealed = seal.put(context, JSON.stringify(event), link)
    link = linkTo(sealed)
    return sealed
  })
}

interface Append {
  events: readonly string[]
  /** Whether they are output, of which only the newest is kept. */
  isOutput?: boolean
  change?: Omit<Change, 'record' | 'earlier' | 'takeBack'>
}

function fenceLost({ id, scope, attempt }: Fenced): VesemirError {
  const what = scope ? `${scope} in ${id}` : id
  return new VesemirError('FENCE_LOST', `another worker took over ${what} from attempt ${attempt}`)
}
