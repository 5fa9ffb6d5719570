import type { DeploymentFact, HostRecord, PastAttempt } from '@vesemir/contract'
import { endedHost } from './ended-host.ts'
import { toFailure, VesemirError } from './errors.ts'
import { failedStep } from './find-failure-causes.ts'

/**
 * Makes the record of a host that is to be walked again. What its servers were before the first change is kept for as long
 * as they are not so again; until then it counts as left out, since what it runs is not proven. How its last walk ended is kept.
 */
export function requeuedHost(
  { snapshot, leftOut: _leftOut, asLeft: _asLeft, gone: _gone, ...host }: HostRecord,
  { intent, changed = [] }: Pick<HostsRequeued, 'intent' | 'changed'>,
): HostRecord {
  const left = 'traffic' in host.state ? host.state.traffic : undefined
  const isBack = left === undefined || left === 'restored' || left === 'untouched'
  const undo = isBack || !snapshot ? {} : { snapshot, leftOut: true, asLeft: true as const }
  return {
    ...host,
    ...undo,
    ...changed.find(({ target }) => target.name === host.target.name),
    ...withHistory(host),
    state: { status: 'pending', ...(left === undefined ? {} : { traffic: left }) },
    intent,
    steps: [],
  }
}

export type HostsRequeued = Extract<DeploymentFact, { type: 'hosts.requeued' }>

/** How many earlier walks a host's record keeps. */
const mostKept = 20

/** Of earlier attempts the log holds what their services wrote. */
function withHistory({ state, steps, attempt, intent, history = [] }: HostRecord): Pick<HostRecord, 'history'> {
  if (!('endedAt' in state)) return {}
  const step = 'failure' in state && state.failure ? failedStep(steps) : undefined
  const last = { ...state, attempt, intent, ...(step === undefined ? {} : { step }) }
  return { history: [...history.map(withoutLog), last].slice(-mostKept) }
}

function withoutLog({ failure, ...attempt }: PastAttempt): PastAttempt {
  if (!failure) return attempt
  const { log: _log, ...rest } = failure
  return { ...attempt, failure: rest }
}

/** Makes the record of a host that was to be walked again, and is no longer in the inventory: why it failed stays. */
export function goneHost(host: HostRecord): HostRecord {
  const error = new VesemirError('HOST_GONE', `${host.target.name} is no longer in the inventory`)
  return { ...host, gone: toFailure(error) }
}

/** Returns the attempt in which the host's last walk ended; 0 before the first has. A walk is for what came after it. */
export function lastWalkOf({ history = [] }: Pick<HostRecord, 'history'>): number {
  return history.at(-1)?.attempt ?? 0
}

/** Whether a host is to be walked again, and its walk has not begun. */
export function isRequeued({ state, history = [] }: HostRecord): boolean {
  return state.status === 'pending' && history.length > 0
}

/** Makes the record of a host that was to be walked again when its deployment ended before: it is as its last walk left it. */
export function restoreLastWalk(host: HostRecord): HostRecord {
  const last = host.history?.at(-1)
  if (!last || !isRequeued(host)) return host
  const { history = [], ...rest } = host
  const earlier = history.slice(0, -1)
  return {
    ...rest,
    ...(earlier.length > 0 ? { history: earlier } : {}),
    state: endedHost({ ...last, outcome: last.status }, last.endedAt),
    intent: last.intent,
  }
}
