import type { Deployment, Need, Session } from '@vesemir/contract'
import { findGrant } from '../access/decide.ts'
import { refuseCommand, type Rules } from '../access/rules.ts'
import { approvalGateOf } from '../approvals.ts'
import { isVesemirError } from '../errors.ts'
import { isOpenFailure } from './is-open-failure.ts'

/** Returns what a deployment needs of a person, who may do it now; undefined where it needs nothing of them. */
export function needOf(
  deployment: Deployment,
  { caller, rules, nowMs }: { caller: Pick<Session, 'name' | 'grants'>; rules: Rules; nowMs: number },
): Need | undefined {
  const { spec, state, requestedBy } = deployment
  const may = (action: 'approve' | 'steer') => findGrant(caller.grants, action, spec) !== undefined
  const approval = approvalGateOf(state)
  if (approval)
    return may('approve') &&
      !approval.approvedBy?.includes(caller.name) &&
      isAdmitted(deployment, { by: caller.name, rules, nowMs })
      ? 'approval'
      : undefined
  if (state.status === 'gated' && state.gate.kind === 'failure') return may('steer') ? 'decision' : undefined
  if (state.status === 'paused') return state.by === caller.name && may('steer') ? 'paused' : undefined
  return requestedBy === caller.name && isOpenFailure(deployment) ? 'failure' : undefined
}

/** Protected environments may want another person's approval, and none in a freeze. */
function isAdmitted(deployment: Deployment, { by, rules, nowMs }: { by: string; rules: Rules; nowMs: number }) {
  try {
    refuseCommand({ command: { command: 'approve' }, by }, { deployment, rules, nowMs })
    return true
  } catch (error) {
    if (isVesemirError(error)) return false
    throw error
  }
}
