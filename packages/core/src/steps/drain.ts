import type { BackendLeft, ServerState } from '@vesemir/contract'
import type { Remainder } from '../capacity.ts'
import { describeMove, hasMoved } from '../endpoints.ts'
import { isVesemirError, VesemirError } from '../errors.ts'
import { ifSpared, type Capacity } from '../if-spared.ts'
import { confirmMark } from '../leave-mark.ts'
import { originalOf } from '../original-state.ts'
import type { Lease } from '../ports/locks.ts'
import type { JournalEntry } from '../ports/traffic-journal.ts'
import { runConcurrently } from '../run-concurrently.ts'
import { describeServer, isHeldOut, isSameServer } from '../servers.ts'
import { waitForSessions } from '../wait-for-sessions.ts'
import { change, noteServers, recordWait, type ConnectedWalk, type Walk } from '../walk.ts'
import { askWhatServes } from '../what-runs.ts'
import { guard } from './guard.ts'
import type { Step } from './step.ts'

/**
 * Takes the host out of rotation on every box, once it has shown that it has what the walk needs, and waits until its sessions
 * have ended, and its release has come: until then it can go back to what it was.
 * @throws {VesemirError} `SERVER_NOT_IN_SERVICE`, `DRAIN_TIMED_OUT`, and what `guard` throws
 */
export const drain: Step<'drain'> = {
  name: 'drain',
  rotation: 'leaving',
  leaves: 'as-before',
  resumes: { inService: 'guard', heldOut: 'drain' },
  hooks: { before: 'beforeDrain', after: 'afterDrain' },
  describe({ loadBalancer }) {
    if (loadBalancer.kind === 'none') return undefined
    const { drainTimeout, drainDeadline, onDrainTimeout } = loadBalancer
    const then = { abort: 'the host is put back', proceed: 'the deployment continues', cut: 'they are cut' }[
      onDrainTimeout
    ]
    return `no new sessions, after ${drainTimeout} also none of sticky clients; if sessions remain after ${drainDeadline}, ${then}`
  },
  async run(walk) {
    await walk.proving
    if (walk.servers.length === 0) return 'no load balancer'
    await confirmMark(walk)
    for (;;) {
      while ((await takeOut(walk)) !== undefined) await guard.run(walk)
      const note = await waitForSessions(walk)
      if (note === undefined) continue
      await waitForRelease(walk)
      return note
    }
  },
  // Whoever holds it out of rotation may have changed it too: a person, or a walk that Redis forgot when its machine lost power.
  inspectFailure: (walk, error) => (isVesemirError(error, 'SERVER_NOT_IN_SERVICE') ? askWhatServes(walk) : undefined),
}

async function waitForRelease(walk: ConnectedWalk): Promise<void> {
  const { staging, ports, waits } = walk
  if (!staging) return
  await using _late = runConcurrently(async (signal) => {
    await ports.clock.sleep(tellAfterMs, signal)
    await recordWait(walk, 'the release to come')
  }, waits)
  await staging.done
}

/** So long the release may be on its way without a word. */
const tellAfterMs = 1000

/** Looks at the capacity a last time and drains; returns what is lacking when the host can no longer be spared. */
function takeOut(walk: Walk): Promise<string | undefined> {
  const act = async ({ own, remainders }: Capacity, lease: Lease) => {
    await takeSnapshot(walk, own)
    // What is in maintenance already stays there: drained, it would get what cookies send it.
    if (own.every(isHeldOut)) return
    await change(walk, async () => drainWithin(walk, await lease.confirm()), leftWithout(remainders))
  }
  return ifSpared(walk, { signal: walk.waits, act })
}

/** What backends have in service without the host, where it serves; those too that nobody may be drained on the strength of. */
function leftWithout(remainders: readonly Remainder[]): BackendLeft[] {
  return remainders.flatMap(({ box, backend, inService, needed, isFree }) =>
    isFree ? [] : [{ box, backend, inService, needed }],
  )
}

function drainWithin({ balancer, servers, signal }: Walk, bound: AbortSignal): Promise<ServerState[]> {
  return balancer.drain(servers, AbortSignal.any([signal, bound]))
}

/**
 * Keeps the state to go back to before the first change; what an earlier walk has left is not it. Servers that a person holds
 * out of rotation are theirs.
 */
async function takeSnapshot(walk: Walk, found: readonly ServerState[]): Promise<void> {
  const { claim, ports, target } = walk
  const { snapshot, asLeft, leftOut = found.some(isHeldOut) } = claim.host
  const entries = await ports.journal.find(found)
  const entryOf = (now: ServerState) => entries.find(({ server }) => isSameServer(server, now))
  const before = found.map((now) => originalOf(now, entryOf(now)))
  const foreign = found.find((_, index) => before[index] === undefined)
  if (foreign) throw new VesemirError('SERVER_NOT_IN_SERVICE', describeForeign(foreign, entryOf(foreign)))
  const servers = before.filter((server) => server !== undefined)
  await noteServers(walk, servers)
  if (!snapshot || asLeft || !isSameSnapshot(snapshot, servers))
    await claim.append({ type: 'servers.snapshotted', host: target.name, servers, leftOut })
}

function describeForeign(foreign: ServerState, entry: JournalEntry | undefined): string {
  const held = `${describeServer(foreign)} is in ${foreign.admin} already`
  if (!entry || !hasMoved(entry.server, foreign)) return `${held}, and not by Vesemir`
  return `${held}, by ${entry.deploymentId} for ${entry.host}: ${describeMove(entry.server, foreign)}`
}

function isSameSnapshot(some: readonly ServerState[], others: readonly ServerState[]): boolean {
  const isSame = (one: ServerState, other: ServerState) =>
    one.weight === other.weight && isSameServer(one, other) && !hasMoved(one, other)
  return some.length === others.length && some.every((one, index) => isSame(one, others[index]!))
}
