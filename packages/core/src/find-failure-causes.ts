import type { Failure, FailureCause, HostRecord, StepName } from '@vesemir/contract'
import { normaliseReason } from './normalise-reason.ts'

/**
 * Groups the hosts that need attention by what happened to them: status, step, code and normalised reason. A host whose retry
 * has not ended counts by its last attempt. Each host is in one group at most; the groups are in the order in which people
 * should look at them: failed and unreachable hosts before skipped ones, those being retried last, most hosts first.
 */
export function findFailureCauses(hosts: readonly HostRecord[]): FailureCause[] {
  const names = new Set(hosts.flatMap(({ target }) => [target.name, target.address]))
  const causes = new Map<string, FailureCause>()
  for (const host of hosts) {
    const problem = problemOf(host)
    if (!problem) continue
    const { failure, ...kind } = problem
    const { code } = failure
    const reason = reasonOf(failure, names)
    const key = JSON.stringify([kind, code, reason])
    const { name } = host.target
    const known = causes.get(key)
    if (known) known.hosts.push(name)
    else causes.set(key, { ...kind, code, reason, hosts: [name], sample: { host: name, failure } })
  }
  return [...causes.values()].sort((a, b) => urgencyOf(a) - urgencyOf(b) || b.hosts.length - a.hosts.length)
}

type Problem = Pick<FailureCause, 'status' | 'step' | 'isBeingRetried'> & { failure: Failure }

function problemOf({ state, steps, history = [] }: HostRecord): Problem | undefined {
  switch (state.status) {
    case 'failed':
    case 'unreachable':
    case 'skipped':
      return { status: state.status, ...inStep(failedStep(steps)), failure: state.failure }
    case 'pending':
    case 'running': {
      const { status, step, failure } = history.at(-1) ?? {}
      if (!failure || (status !== 'failed' && status !== 'unreachable' && status !== 'skipped')) return undefined
      return { status, ...inStep(step), isBeingRetried: true, failure }
    }
    case 'succeeded':
    case 'rolled-back':
      return undefined
  }
}

/** Returns the step in which a walk has failed. */
export function failedStep(steps: HostRecord['steps']): StepName | undefined {
  return steps.findLast(({ status }) => status === 'failed' || status === 'running')?.step
}

function inStep(step: StepName | undefined): { step?: StepName } {
  return step === undefined ? {} : { step }
}

function urgencyOf({ status, isBeingRetried }: FailureCause): number {
  if (isBeingRetried) return 2
  return status === 'skipped' ? 1 : 0
}

/** Views are drawn many times a second, and a failure never changes. */
const reasons = new WeakMap<Failure, string>()

function reasonOf(failure: Failure, names: ReadonlySet<string>): string {
  const known = reasons.get(failure)
  if (known !== undefined) return known
  const reason = normaliseReason(failure.message, names)
  reasons.set(failure, reason)
  return reason
}
