import { stepNames, type DeploymentView, type HostRecord } from '@vesemir/contract'
import { isEnded } from './apply-event.ts'
import { findStall } from './find-stall.ts'

/** Returns the share of a deployment that is done, from 0 to 1; a running host counts by its finished steps. */
export function progressOf({ hosts }: Pick<DeploymentView, 'hosts'>): number {
  if (hosts.length === 0) return 0
  return hosts.reduce((total, host) => total + shareOf(host), 0) / hosts.length
}

/**
 * Estimates how long a deployment will still take, from its hosts that have succeeded. Returns nothing before the first has,
 * while the deployment waits for a person, and while it is stalled.
 */
export function timeLeftMs(view: DeploymentView, nowMs: number): number | undefined {
  const { deployment, hosts } = view
  if (isEnded(deployment) || !deployment.plan || deployment.state.status !== 'running') return undefined
  if (findStall(view, nowMs)) return undefined
  const typicalMs = median(hosts.flatMap((host) => (host.state.status === 'succeeded' ? [workMs(host)] : [])))
  if (typicalMs === undefined) return undefined
  const { waves } = deployment.plan
  return waves.reduce((totalMs, { concurrency }, index) => {
    const ofWave = hosts.filter((host) => host.wave === index + 1 && !('endedAt' in host.state))
    const leftMs = ofWave.map((host) => Math.max(0, typicalMs - spentMs(host, nowMs)))
    const longestMs = Math.max(0, ...leftMs)
    return totalMs + Math.max(longestMs, sum(leftMs) / concurrency)
  }, 0)
}

function shareOf({ state }: HostRecord): number {
  switch (state.status) {
    case 'pending':
      return 0
    case 'running':
      return stepNames.indexOf(state.step) / stepNames.length
    case 'succeeded':
    case 'failed':
    case 'unreachable':
    case 'skipped':
    case 'rolled-back':
      return 1
  }
}

function workMs({ steps }: HostRecord): number {
  return sum(steps.map(({ durationMs = 0 }) => durationMs))
}

function spentMs({ state, steps }: HostRecord, nowMs: number): number {
  const [first] = steps
  return state.status === 'running' && first ? nowMs - Date.parse(first.startedAt) : 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function median(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
