import type { Archiver } from '@vesemir/store/archive'
import type { Queues } from '@vesemir/store/queue'
import { isUnreliable, type OnInvalid } from '@vesemir/store/redis'
import type { Deployment } from '@vesemir/contract'
import {
  isOutlived,
  isVesemirError,
  isYoung,
  type Clock,
  type DeploymentIndex,
  type Deployments,
  type HostHistory,
  type Lease,
  type Locks,
  type Retention,
  type TrafficJournal,
} from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import { repeat } from '@vesemir/process/waiting'
import { measureMemory } from './retention-memory.ts'
import { createNeeds } from './retention-needs.ts'

interface RetentionOptions {
  deployments: Deployments
  deploymentIndex: DeploymentIndex
  hostHistory: HostHistory
  queues: Pick<Queues, 'removeJobs'>
  /** Those of the clusters. */
  journals: readonly Pick<TrafficJournal, 'list'>[]
  /** Deployments of other clusters have their jobs elsewhere. */
  clusters: readonly string[]
  retention: Retention
  /** Archives a deployment before it is removed; nothing is archived without it. */
  archiver?: Archiver | undefined
  /** One worker removes at a time: two would write the same file. */
  locks: Locks
  clock: Clock
  /** Hears of deployments that cannot be read; they stay. */
  onInvalid: OnInvalid
  log: Log
  /** From one look to the next; an hour. */
  intervalMs?: number
}

const hourMs = 3_600_000

/** After so many deployments that could not be archived, a round ends. */
const mostFailures = 3

/**
 * Removes now and then the deployments that have ended long ago, or are more than `retention` allows, with their events, logs and jobs,
 * the oldest first, and archives each before. Kept in any case are the last and the current one of each application's environment, those
 * without which it has no way back, those that hosts run or should run the release of, those whose servers are still out of rotation, and
 * what the archive did not take.
 */
export function startRetention(options: RetentionOptions): AsyncDisposable {
  const { locks, clock, log, intervalMs = hourMs } = options
  const onError = (err: unknown) => log.error({ err }, 'old deployments not removed')
  const removeAlone = (signal: AbortSignal) =>
    locks.hold(['retention'], { waitMs: intervalMs, signal }, (lease) => removeOutlived({ ...options, lease }, signal))
  return repeat(removeAlone, { clock, intervalMs, onError })
}

interface Round extends RetentionOptions {
  lease: Lease
}

async function removeOutlived(options: Round, signal: AbortSignal): Promise<void> {
  const { deploymentIndex, clusters, retention, clock, log } = options
  const { keepDays, keepAtMost, maxBytes } = retention
  const needs = createNeeds(options)
  const startedAt = clock.now()
  const memory = await measureMemory(options, signal)
  const mayBeYoung = () => keepAtMost !== undefined || memory.excessBytes() > 0
  let [removed, failed] = [0, 0]
  for await (const deployment of deploymentIndex.walkOldestFirst()) {
    const now = clock.now()
    if (signal.aborted || (isYoung(deployment, { now, keepDays }) && !mayBeYoung())) break
    // It is not among the last that were found to be needed.
    if (Date.parse(deployment.createdAt) >= startedAt) break
    if (!clusters.includes(deployment.spec.cluster)) continue
    const place = await needs.of(deployment)
    if (!place) continue
    const { needed, isBeyondCount } = place
    const isExcess = isBeyondCount(deployment) || memory.excessBytes() > 0
    if (!isOutlived(deployment, { now, keepDays, needed, isExcess })) continue
    try {
      if (!(await remove(deployment, options))) continue
      removed += 1
      memory.free(deployment)
    } catch (error) {
      // One that cannot be archived must not keep all that come after it; an archive that is away is asked no further.
      failed += 1
      if (!isVesemirError(error, 'ARCHIVE_FAILED') || failed === mostFailures) throw error
      log.error({ err: error, deployment: deployment.id }, 'old deployment not removed')
    }
  }
  if (removed > 0) log.info({ removed, ...retention }, 'old deployments removed')
  const excessBytes = memory.excessBytes()
  if (excessBytes > 0 && !signal.aborted)
    log.warn({ excessBytes, maxBytes }, 'deployments that must be kept take more memory than retention.maxBytes')
}

/**
 * Archives and removes a deployment; nothing of one to which something has happened since it was judged: one that was retried and has
 * ended again may be what is to run now. The jobs before the record: what is left behind when this is interrupted has a record still, and
 * is found again.
 */
async function remove({ id, state }: Deployment, options: Round): Promise<boolean> {
  const { deployments, archiver, queues, lease, onInvalid } = options
  try {
    const view = await deployments.readView(id)
    await lease.confirm()
    if (!view || endOf(view.deployment.state) !== endOf(state)) return false
    if (archiver && (await archiver.put(id)) !== view.cursor) return false
    await lease.confirm()
    await queues.removeJobs(view)
    return await deployments.remove(view)
  } catch (error) {
    if (!isUnreliable(error)) throw error
    onInvalid(error)
    return false
  }
}

function endOf(state: Deployment['state']): string | undefined {
  return 'endedAt' in state ? state.endedAt : undefined
}
