import type { Failure, HostFact, HostState } from '@vesemir/contract'

export type EndedHostState = Exclude<HostState, { status: 'pending' | 'running' }>

/** Returns the state of a host whose walk has ended so. */
export function endedHost(
  fact: Pick<Extract<HostFact, { type: 'host.ended' }>, 'outcome' | 'traffic' | 'failure' | 'isVersionProven'>,
  at: string,
): EndedHostState {
  const { outcome, traffic, failure, isVersionProven } = fact
  const proof = isVersionProven === undefined ? {} : { isVersionProven }
  if (outcome === 'succeeded') return { status: 'succeeded', endedAt: at, traffic, ...proof }
  if (outcome === 'rolled-back')
    return { status: outcome, endedAt: at, traffic, ...proof, ...(failure ? { failure } : {}) }
  return { status: outcome, endedAt: at, traffic, failure: failure ?? unexplained }
}

/** The reason of what ended without one. */
export const unexplained: Failure = { code: 'INTERNAL', message: 'ended without a reason' }
