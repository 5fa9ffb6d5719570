import type {
  Deployment,
  DeploymentState,
  HostRecord,
  HostState,
  HostStatus,
  StepName,
  Traffic,
} from '@vesemir/contract'
import { lacksVersionProof } from '@vesemir/core'

/** How a state is shown: each has a colour and a mark of its own, so that none is told by its colour alone. */
export type Tone = 'idle' | 'active' | 'waiting' | 'good' | 'bad' | 'back'

/** A state in a word or two. */
export interface Shown {
  tone: Tone
  label: string
}

/** Says in a word or two how a deployment stands. */
export function showDeployment({ state, intent }: Pick<Deployment, 'state' | 'intent'>): Shown {
  switch (state.status) {
    case 'queued':
      return { tone: 'idle', label: 'Queued' }
    case 'planning':
      return { tone: 'active', label: 'Planning' }
    case 'running':
      return { tone: 'active', label: intent === 'rollback' ? 'Rolling back' : 'Running' }
    case 'paused':
      return { tone: 'waiting', label: 'Paused' }
    case 'gated':
      return { tone: 'waiting', label: gateLabels[state.gate.kind] }
    case 'succeeded':
      return { tone: 'good', label: 'Succeeded' }
    case 'failed':
      return { tone: 'bad', label: 'Failed' }
    case 'cancelled':
      return { tone: 'back', label: 'Cancelled' }
    case 'rolled-back':
      return { tone: 'back', label: 'Rolled back' }
  }
}

type GateKind = Extract<DeploymentState, { status: 'gated' }>['gate']['kind']

const gateLabels: Record<GateKind, string> = {
  approval: 'Needs approval',
  pause: 'Between waves',
  failure: 'Needs a decision',
}

/** The states that a list can be filtered by, in the order in which they come about. */
export const deploymentStatuses = {
  queued: 'Queued',
  planning: 'Planning',
  running: 'Running',
  paused: 'Paused',
  gated: 'At a gate',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  'rolled-back': 'Rolled back',
} as const satisfies Record<Deployment['state']['status'], string>

/** Each state of a host in a word or two. */
export const hostStatuses: Record<HostStatus, Shown> = {
  pending: { tone: 'idle', label: 'Not started' },
  running: { tone: 'active', label: 'In progress' },
  succeeded: { tone: 'good', label: 'Done' },
  failed: { tone: 'bad', label: 'Failed' },
  unreachable: { tone: 'bad', label: 'Unreachable' },
  skipped: { tone: 'waiting', label: 'Skipped' },
  'rolled-back': { tone: 'back', label: 'Rolled back' },
}

/** Says in a word or two how a host stands, and that what it runs is not proven where it is not. */
export function showHost(state: HostState): Shown {
  const shown = hostStatuses[state.status]
  return lacksVersionProof(state) ? { ...shown, label: `${shown.label}, version not proven` } : shown
}

/** Whether a person should look at a host. */
export function needsAttention({ state }: Pick<HostRecord, 'state'>): boolean {
  return state.status === 'failed' || state.status === 'unreachable' || state.status === 'skipped'
}

/** Says where a host's traffic was left. */
export const trafficWords: Record<Traffic, string> = {
  untouched: 'its traffic was never touched',
  restored: 'it gets its traffic as before',
  drained: 'it gets no traffic',
  partial: 'its traffic is not as it was before',
  unknown: 'whether it gets traffic is not known',
}

/** What each step of the walk is called and does, for those who see one for the first time. */
export const stepWords: Record<StepName, { label: string; doing: string; does: string }> = {
  connect: { label: 'Connect', doing: 'connecting', does: 'opens SSH to the host and to its HAProxy boxes' },
  guard: { label: 'Guard', doing: 'waiting its turn', does: 'waits until enough other servers are in service' },
  drain: { label: 'Drain', doing: 'draining', does: 'takes the host out of rotation and lets its sessions end' },
  deploy: { label: 'Deploy', doing: 'deploying', does: 'introduces the new version' },
  restart: { label: 'Restart', doing: 'restarting', does: 'restarts the service' },
  verify: { label: 'Verify', doing: 'verifying', does: 'proves that the new version answers and is healthy' },
  enable: { label: 'Enable', doing: 'enabling', does: 'gives it some of its traffic back' },
  soak: { label: 'Soak', doing: 'soaking', does: 'watches it under some of its traffic' },
  restore: { label: 'Restore', doing: 'restoring', does: 'gives it its full traffic back' },
}
