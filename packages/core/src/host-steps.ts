import { stepNames, type HostRecord, type ServerState, type StepName } from '@vesemir/contract'
import { isHeldOut, isInService } from './servers.ts'

/** The steps from this one to the end of the walk. */
export function stepsFrom(step: StepName): StepName[] {
  return stepNames.slice(stepNames.indexOf(step))
}

/**
 * Decides where a walk goes on after a crash: by what the record says was begun and by what the boxes show now, never by
 * the record alone. What is in doubt is done again: every step may be, once the host is out of rotation.
 */
export function resumeStep(host: HostRecord, seen: readonly ServerState[]): StepName {
  const begun = host.state.status === 'running' ? host.state.step : 'connect'
  if (begun === 'connect' || (!host.snapshot && host.servers.length > 0)) return 'guard'
  if (host.servers.length === 0) return begun
  if (begun === 'soak' || begun === 'restore') {
    if (seen.every(isInService)) return begun
    return seen.every(isHeldOut) ? 'verify' : 'guard'
  }
  if (!seen.every(isHeldOut)) return 'guard'
  return begun === 'enable' ? 'verify' : begun === 'guard' ? 'drain' : begun
}
