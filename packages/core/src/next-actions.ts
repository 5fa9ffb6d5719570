import type { Failure } from '@vesemir/contract'
import { toFailure, VesemirError } from './errors.ts'
import type { HostEnd } from './ports.ts'

/** Where a rollout stands: which hosts wait, in order, which are on their way, and how the others ended. */
export interface RolloutState {
  readonly concurrency: number
  /** Hosts that were not started, in the order of the plan, from `next` on. */
  readonly waiting: readonly string[]
  readonly next: number
  readonly inFlight: ReadonlySet<string>
  readonly ended: Readonly<Record<HostEnd, number>>
}

export type RolloutAction =
  | { type: 'start-host'; host: string }
  | { type: 'end'; outcome: 'succeeded' | 'failed'; failure?: Failure }

/**
 * The rollout's rules, all of them: what is to be done now. A window of `concurrency` hosts slides over the fleet; once a
 * host has failed or was unreachable no other is started, and the deployment ends when those in flight have.
 */
export function nextActions(state: RolloutState): RolloutAction[] {
  const { concurrency, waiting, next, inFlight, ended } = state
  const isStopped = ended.failed + ended.unreachable > 0
  if (isStopped || next === waiting.length) return inFlight.size > 0 ? [] : [endOf(state)]
  return waiting
    .slice(next, next + Math.max(0, concurrency - inFlight.size))
    .map((host) => ({ type: 'start-host', host }))
}

/** The state after a host was started. */
export function hostStarted(state: RolloutState, host: string): RolloutState {
  return { ...state, next: state.next + 1, inFlight: new Set(state.inFlight).add(host) }
}

/** The state after a host has ended. A host that is not in flight changes nothing: events may be read twice. */
export function hostEnded(state: RolloutState, { host, outcome }: { host: string; outcome: HostEnd }): RolloutState {
  if (!state.inFlight.has(host)) return state
  const inFlight = new Set(state.inFlight)
  inFlight.delete(host)
  return { ...state, inFlight, ended: { ...state.ended, [outcome]: state.ended[outcome] + 1 } }
}

function endOf({ waiting, next, ended }: RolloutState): RolloutAction {
  const { failed, unreachable, skipped, succeeded } = ended
  if (failed + unreachable === 0 && (succeeded > 0 || skipped === 0)) return { type: 'end', outcome: 'succeeded' }
  const parts = [
    failed > 0 && `${failed} failed`,
    unreachable > 0 && `${unreachable} unreachable`,
    skipped > 0 && `${skipped} skipped`,
    waiting.length > next && `${waiting.length - next} not started`,
    `${succeeded} succeeded`,
  ]
  const message = `hosts: ${parts.filter(Boolean).join(', ')}`
  return { type: 'end', outcome: 'failed', failure: toFailure(new VesemirError('HOSTS_FAILED', message)) }
}
