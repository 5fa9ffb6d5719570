import type { HostJob } from '@vesemir/store/queue'
import type { HostRecord } from '@vesemir/contract'
import {
  lastWalkOf,
  runHost,
  VesemirError,
  type Claims,
  type Deployments,
  type HostClaim,
  type HostPorts,
} from '@vesemir/core'
import type { Purpose } from '@vesemir/machines/remote-shell'
import type { ConnectionsAhead } from './connections-ahead.ts'
import { purposeOf } from './purpose-of.ts'
import { refusingForged } from './refusing-forged.ts'

interface HostJobDeps {
  claims: Claims
  deployments: Deployments
  ports: Omit<HostPorts, 'onLull' | 'remoteShell' | 'deployments'>
  /** Opens connections, also to a host whose turn is soon. */
  connections: Pick<ConnectionsAhead, 'for' | 'prepare'>
  /** This worker's name, for the record. */
  worker: string
}

/**
 * Makes the processor of host jobs: it takes the host through the walk, and fails the job when the host failed.
 */
export function createHostJob(deps: HostJobDeps) {
  const { claims, deployments, ports, connections, worker } = deps
  return async (job: HostJob, signal: AbortSignal): Promise<void> => {
    await using claim = await refusingForged(job.deploymentId, claims, () => claimHost(job))
    if (!claim || hasEnded(claim.host)) return
    const purpose = purposeOf(claim.deployment)
    const onLull = () => void prepareFor(job, purpose).catch(() => {})
    await runHost(claim, { ...ports, deployments, remoteShell: connections.for(purpose), onLull }, signal)
    throwFailure(claim.host)
  }

  /** Returns nothing when the host has ended. */
  async function claimHost(job: HostJob): Promise<HostClaim | undefined> {
    const { deploymentId: id, host } = job
    const before = await deployments.readHost(id, host)
    if (!before) throw new VesemirError('DEPLOYMENT_UNKNOWN', `host ${host} not found in deployment ${id}`)
    if (hasEnded(before)) return undefined
    refuseEarlier(job, before)
    return claims.claimHost(id, host, worker)
  }

  /** What is not ready when its turn has come is got ready then. */
  async function prepareFor({ deploymentId, successor }: HostJob, purpose: Purpose): Promise<void> {
    const next = successor === undefined ? undefined : await deployments.readHost(deploymentId, successor)
    if (next?.state.status === 'pending') connections.prepare(next.target, purpose)
  }
}

/** A job that was there before the host's last walk ended was for that walk: its coordinator has not started it since. */
function refuseEarlier({ after, host }: HostJob, record: HostRecord): void {
  if (after >= lastWalkOf(record)) return
  const ended = record.history?.at(-1)?.endedAt
  throw new VesemirError('ORDER_EXPIRED', `the job of ${host} is from before its last walk, which ended ${ended}`)
}

function hasEnded({ state }: HostRecord): boolean {
  return state.status !== 'pending' && state.status !== 'running'
}

function throwFailure({ state }: HostRecord): void {
  if ('failure' in state && state.failure) throw new Error(`${state.failure.code}: ${state.failure.message}`)
}
