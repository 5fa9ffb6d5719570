import type { Deployment, HostFact, HostRecord, StepName } from '@vesemir/contract'
import { applyHostFact, VesemirError, type HostClaim } from '@vesemir/core'
import { fields } from './keys.ts'
import { createLogBatcher } from './log-batcher.ts'
import { sealContexts } from './seal-contexts.ts'
import { openHost } from './read-deployment.ts'
import { openRow, rowFields, timestamp, type Store } from './store.ts'
import { noteDuration } from './durations.ts'
import { releaseWrites } from './releases.ts'
import { watchForCancel } from './watch-for-cancel.ts'
import { createWriter, type Change } from './writer.ts'

/**
 * Claims a host: whoever had it can write no more. The fence is taken before the record is read, so what is read is what
 * this claim goes on from.
 * @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `FENCE_LOST` when yet another claims it at the same moment
 */
export async function claimHost(
  store: Store,
  { id, host, worker }: { id: string; host: string; worker: string },
): Promise<HostClaim> {
  const { attempt, deployment, followed, head, kept } = await beginAttempt(store, { id, host })
  const facts = openFacts(kept)

  const writer = createWriter(store, { deployment, place: deployment.spec, scope: host, attempt, head })
  const batcher = createLogBatcher<StepName>(({ place: step, lines }) =>
    writer.appendLog({ type: 'log.appended', host, step, lines }),
  )
  const defer = (fact: HostFact) => facts.defer(fact, timestamp(store.clock))
  const append = async (fact: HostFact) => {
    await batcher.flush()
    await writer.append(fact, (at) => {
      const { before, earlier, takeBack } = facts.add(fact, at)
      const { record } = facts
      const all = [...earlier, { ...fact, at }]
      return {
        ...changeOfHost(deployment, before, record),
        earlier,
        takeBack,
        isEndOfHost: fact.type === 'host.ended',
        beside: all.flatMap((fact) => releaseWrites(store.keys, { fact, at: fact.at, host: record, deployment })),
      }
    })
    if (fact.type === 'host.ended' && fact.outcome === 'succeeded')
      // The host has ended, whether or not its duration can be kept.
      await noteDuration(store, { deployment, host: facts.record }).catch(() => {})
  }
  const claimed: HostFact = { type: 'host.claimed', host, attempt, worker }
  // A walk that begins starts its first step at once, or ends: only who takes one over may have to wait before anything happens.
  if (kept.state.status === 'pending') defer(claimed)
  else await append(claimed)
  const cancel = watchForCancel(store, { deployment, followed })
  return {
    deployment,
    attempt,
    get host() {
      return facts.record
    },
    append,
    defer,
    check: () => writer.check(),
    untilCancelled: (signal) => AbortSignal.any([signal, cancel.signal]),
    log: (step, line) => batcher.add(step, line),
    flush: () => batcher.flush(),
    [Symbol.asyncDispose]: () => cancel[Symbol.asyncDispose](),
  }
}

/** A host's record as its facts make it, with those that are to be written with the next. */
function openFacts(kept: HostRecord) {
  let [record, written] = [kept, kept]
  const deferred: (HostFact & { at: string })[] = []
  return {
    get record() {
      return record
    },
    defer(fact: HostFact, at: string) {
      record = applyHostFact(record, fact, at)
      deferred.push({ ...fact, at })
    },
    /** Adds a fact that is being written, after those that were deferred; `before` is the record that was written last. */
    add(fact: HostFact, at: string) {
      const [before, earlier] = [written, deferred.splice(0)]
      written = record = applyHostFact(record, fact, at)
      // What Redis refused, as it does without memory, is not in the record; what was to be written with it still is.
      const takeBack = () => {
        deferred.unshift(...earlier)
        written = before
        record = deferred.reduce((host, fact) => applyHostFact(host, fact, fact.at), written)
      }
      return { before, earlier, takeBack }
    },
  }
}

/** Takes the host's next attempt, and reads what was there before it. */
async function beginAttempt(store: Store, { id, host }: { id: string; host: string }) {
  const claimed = await store.scripts.claim(
    [store.keys.record(id)],
    [host, fields.host(host), fields.host(host), ...rowFields],
  )
  if (!claimed) throw new VesemirError('DEPLOYMENT_UNKNOWN', `host ${host} not found in deployment ${id}`)
  const [attempt, [hostJson, ...values]] = claimed
  const { deployment, followed } = openRow(store, id, values)!
  const { host: kept, head } = openHost(store.seals, hostJson!, { deployment, name: host })
  if (attempt <= kept.attempt) throw goneBack(id, { host, attempt })
  return { attempt, deployment, followed, head, kept }
}

/** Attempts count up: a job that was sealed for one is for no other. */
function goneBack(id: string, { host, attempt }: { host: string; attempt: number }): VesemirError {
  return new VesemirError('ORDER_FORGED', `${host} in ${id} had attempt ${attempt} before: its number was set back`)
}

function changeOfHost(deployment: Deployment, before: HostRecord, after: HostRecord): Change {
  const [from, to] = [before.state.status, after.state.status]
  return {
    record: {
      field: fields.host(after.target.name),
      place: sealContexts.host(deployment, after.target.name),
      text: JSON.stringify(after),
    },
    counts: from === to ? {} : { [from]: -1, [to]: 1 },
  }
}
