import type { DeploymentFact, HostFact, LogFact, TaskLogFact } from '@vesemir/contract'
import { linkTo, type Seal } from '../../seal/seal.ts'
import { createNumberedAppends, type Append, type AttemptScope, type NumberedAppends } from './numbered-appends.ts'
import { sealContexts, type Identity } from './seal-contexts.ts'
import { timestamp, type Store } from './store.ts'

/** Appends to one deployment for as long as its fence holds, one append after the other. */
export interface Writer extends Pick<NumberedAppends, 'check' | 'confirm'> {
  /** `change` gives what follows for the record from the fact at its moment; it is asked when the fact's turn has come. */
  append(fact: DeploymentFact | HostFact, change: (at: string) => Change): Promise<'appended' | 'commands-came'>
  appendLog(fact: LogFact | TaskLogFact): Promise<void>
}

export interface Change extends Omit<Append, 'events' | 'isOutput'> {
  /** Events that come before this one, with their moments. */
  earlier?: readonly object[]
  /** The record that follows, which is sealed with the link of the last event. */
  record?: { field: string; place: string; text: string }
  /** Called when it was not written, before the next append has its turn. */
  takeBack?: () => void
}

export interface Scope extends Omit<AttemptScope, 'id'> {
  deployment: Identity
  /** The link of the last event of this scope. */
  head: string
}

/** Makes the writer of one attempt. It seals each event but output, linked to the one before. */
export function createWriter(store: Store, { deployment, head: firstHead, ...scope }: Scope): Writer {
  const { clock, seals } = store
  const appends = createNumberedAppends(store, { id: deployment.id, ...scope })
  let head = firstHead
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(task: () => Promise<Result>) => {
    const turn = last.then(task)
    last = turn.catch(() => {})
    return turn
  }
  return {
    append: (fact, changeAt) =>
      inTurn(async () => {
        const at = timestamp(clock)
        const { record, earlier = [], takeBack = () => {}, fields = [], ...change } = changeAt(at)
        const context = sealContexts.event(deployment, scope.scope)
        const events = sealEvents([...earlier, { ...fact, at }], { seal: seals.record, context, after: head })
        const end = linkTo(events.at(-1)!)
        const sealed = record ? [sealRecord(record, seals.rows, end)] : []
        const outcome = await orElse(appends.make({ ...change, events, fields: [...fields, ...sealed] }), takeBack)
        if (outcome === 'appended') head = end
        return outcome
      }),
    appendLog: (fact) =>
      inTurn(async () => {
        const events = [JSON.stringify({ ...fact, at: timestamp(clock) })]
        await appends.make({ events, isOutput: true })
      }),
    check: () => appends.check(),
    confirm: () => inTurn(() => appends.confirm()),
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
