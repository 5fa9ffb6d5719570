import type { HostRecord, ServerState, StepName } from '@vesemir/contract'
import { isHeldOut, isInService } from './servers.ts'
import type { Step } from './steps/step.ts'
import { findStep, steps } from './steps/steps.ts'

/** Every attempt connects again: a walk begins at the step after that. */
const [connect, first] = steps

/** Returns the step that was begun last. */
export function stepInProgress({ state }: HostRecord): StepName {
  return state.status === 'running' ? state.step : connect.name
}

/**
 * Decides where a walk resumes after a crash: by what the record says was begun and by what the boxes show now, never by
 * the record alone. What is in doubt is done again: every step may be, once the host is out of rotation.
 */
export function resumeStep(host: HostRecord, seen: readonly ServerState[]): Step {
  const begun = findStep(stepInProgress(host))
  if (begun === connect || (!host.snapshot && host.servers.length > 0)) return first
  if (host.servers.length === 0) return begun
  if (seen.every(isInService)) return findStep(begun.resumes.inService)
  return seen.every(isHeldOut) ? findStep(begun.resumes.heldOut) : first
}
