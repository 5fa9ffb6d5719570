import type { Deployment, Gate, HostState, HostStatus, StepRecord, Traffic } from '@vesemir/contract'
import { lacksVersionProof } from '@vesemir/core'
import { toned, toPlainText, type Status, type Text, type Tone } from './text.ts'

type DeploymentStatus = Deployment['state']['status']

/** The statuses of deployments, in the order in which they come about: what a list can be filtered by. */
export const deploymentStatuses: Readonly<Record<DeploymentStatus, Status>> = {
  queued: toned('queued', 'idle'),
  planning: toned('planning', 'active'),
  running: toned('running', 'active'),
  paused: toned('paused', 'waiting'),
  gated: toned('gated', 'waiting'),
  succeeded: toned('succeeded', 'good'),
  failed: toned('failed', 'bad'),
  cancelled: toned('cancelled', 'back'),
  'rolled-back': toned('rolled back', 'back'),
}

/** Returns a deployment's status in a word or two: a running one may be rolling back, a gated one waits for something. */
export function deploymentStatus({ state, intent }: Pick<Deployment, 'state' | 'intent'>): Status {
  if (state.status === 'gated') return toned(gateWords[state.gate.kind], 'waiting')
  if (state.status === 'running' && intent === 'rollback') return toned('rolling back', 'active')
  return deploymentStatuses[state.status]
}

const gateWords: Readonly<Record<Gate['kind'], string>> = {
  approval: 'needs approval',
  pause: 'between waves',
  failure: 'needs a decision',
}

/** The statuses of hosts, in a word or two. */
export const hostStatuses: Readonly<Record<HostStatus, Status>> = {
  pending: toned('pending', 'idle'),
  running: toned('running', 'active'),
  succeeded: toned('succeeded', 'good'),
  failed: toned('failed', 'bad'),
  unreachable: toned('unreachable', 'bad'),
  skipped: toned('skipped', 'waiting'),
  'rolled-back': toned('rolled back', 'back'),
}

/** Describes how a host stands, and that its version is not proven where it is not. */
export function describeHostState(state: HostState): Text {
  const status = hostStatuses[state.status]
  return lacksVersionProof(state) ? [status, toned(', version not proven', 'waiting')] : [status]
}

/** Returns the same in one piece, for a mark with a label. */
export function hostStatus(state: HostState): Status {
  return toned(toPlainText(describeHostState(state)), hostStatuses[state.status].tone)
}

/** The tones of a step's outcome. */
export const stepTones: Readonly<Record<StepRecord['status'], Tone>> = {
  running: 'active',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'idle',
}

/** Where a host's traffic was left, in words. */
export const trafficWords: Readonly<Record<Traffic, string>> = {
  untouched: 'traffic untouched',
  restored: 'traffic restored',
  drained: 'receives no traffic',
  partial: 'traffic partly restored',
  unknown: 'traffic unknown',
}
