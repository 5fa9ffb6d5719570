import { stepNames, type DeploymentView, type HostCounts, type HostRecord } from '@vesemir/contract'
import { isEnded } from '@vesemir/core'

/** Says how many hosts are done, and how many are not as they were meant to be. */
export function tellProgress(counts: HostCounts, hosts: number): string {
  const failed = counts.failed + counts.unreachable
  return [
    `${counts.succeeded} of ${hosts} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(counts['rolled-back'] > 0 ? [`${counts['rolled-back']} rolled back`] : []),
  ].join(', ')
}

/** Gives the share that is done, from 0 to 1; a host in progress counts for the steps it has behind it. */
export function progressOf({ hosts }: Pick<DeploymentView, 'hosts'>): number {
  if (hosts.length === 0) return 0
  return hosts.reduce((total, host) => total + shareOf(host), 0) / hosts.length
}

/**
 * Estimates how long a deployment will still take, from the hosts that have succeeded in it; gives nothing before the first
 * has, and while it stands still for a person.
 */
export function timeLeftMs({ deployment, hosts }: DeploymentView, nowMs: number): number | undefined {
  if (isEnded(deployment) || !deployment.plan || deployment.state.status !== 'running') return undefined
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
