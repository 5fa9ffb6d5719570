import type { Failure, StepName, Traffic } from '@vesemir/contract'
import type { DeferredFact, HostClaim, HostEnd } from './ports/host-claim.ts'
import type { Walk } from './walk.ts'

/** Records that a step has begun. */
export async function startStep(claim: HostClaim, step: StepName): Promise<void> {
  await claim.append({ type: 'step.started', host: claim.host.target.name, step })
}

/** Returns the fact that the step in progress has ended: well, if nothing else is said. */
export function endOfStep(
  { claim, progress: { step, stepMs } }: Walk,
  { outcome = 'succeeded', note }: { outcome?: 'succeeded' | 'failed'; note: string | undefined },
): DeferredFact {
  const host = claim.host.target.name
  return { type: 'step.ended', host, step, outcome, durationMs: stepMs(), ...(note ? { note } : {}) }
}

/** Records that the step in progress has failed, if it had begun. */
export async function failStep(walk: Walk, note: string): Promise<void> {
  const { claim, progress } = walk
  if (claim.host.steps.some(({ step, status }) => step === progress.step && status === 'running'))
    await claim.append(endOfStep(walk, { outcome: 'failed', note }))
}

/** Records that the host's walk has ended, and returns how. */
export async function endHost(
  claim: HostClaim,
  end: { outcome: HostEnd; traffic: Traffic; failure?: Failure; isVersionProven?: boolean },
): Promise<HostEnd> {
  await claim.append({ type: 'host.ended', host: claim.host.target.name, ...end })
  return end.outcome
}
