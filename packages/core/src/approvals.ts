import type { Deployment, DeploymentFact, DeploymentState, Gate } from '@vesemir/contract'

type ApprovalGate = Extract<Gate, { kind: 'approval' }>

/** Returns the gate at which a deployment waits for approval, if it does. */
export function approvalGateOf(state: DeploymentState): ApprovalGate | undefined {
  return state.status === 'gated' && state.gate.kind === 'approval' ? state.gate : undefined
}

/** Returns whether a gate opens once these people have approved besides those who already have. */
export function isApprovedBy({ approvedBy = [], approvals = 1 }: Partial<ApprovalGate>, people: string[]): boolean {
  return new Set([...approvedBy, ...people]).size >= approvals
}

/** Returns the state after one of several people has approved. */
export function approvedState(state: DeploymentState, by: string): DeploymentState {
  const gate = approvalGateOf(state)
  if (state.status !== 'gated' || !gate) return state
  return { ...state, gate: { ...gate, approvedBy: [...new Set([...(gate.approvedBy ?? []), by])] } }
}

/** Returns what an approval does: it opens the gate, or counts as one of several. */
export function answerApproval(
  { by, follows }: { by: string; follows: number },
  { state }: Pick<Deployment, 'state'>,
): Extract<DeploymentFact, { type: 'gate.approved' | 'deployment.resumed' }> {
  const gate = approvalGateOf(state)
  if (gate && !isApprovedBy(gate, [by])) return { type: 'gate.approved', by, follows }
  return { type: 'deployment.resumed', by, follows }
}

/** Returns why a gate did not open in time. */
export function describeMissingApprovals({ afterWave, approvals = 1, approvedBy = [] }: ApprovalGate): string {
  const gate = afterWave === 0 ? 'the gate before the first wave' : `the gate after wave ${afterWave}`
  if (approvedBy.length === 0) return `${gate} was not approved in time`
  return `${gate} got ${approvedBy.length} of ${approvals} approvals in time`
}
