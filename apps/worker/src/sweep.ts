import type { Queues } from '@vesemir/store/queue'
import { isUnreliable, type OnInvalid } from '@vesemir/store/redis'
import type { Deployment, DeploymentSpec } from '@vesemir/contract'
import {
  freezeToWaitFor,
  type Clock,
  type DeploymentIndex,
  type Deployments,
  type Rules,
  type Turns,
} from '@vesemir/core'
import type { Log } from '@vesemir/process/log'
import { repeat } from '@vesemir/process/waiting'

interface SweepOptions {
  deployments: Deployments
  deploymentIndex: DeploymentIndex
  turns: Turns
  queues: Pick<Queues, 'enqueueDeployment' | 'hasJob'>
  /** Deployments of other clusters are other workers' to look after. */
  clusters: Readonly<Record<string, Rules>>
  clock: Clock
  /** Hears of deployments that cannot be read. */
  onInvalid: OnInvalid
  log: Log
  /** From one look to the next; 5 s. */
  intervalMs?: number
}

/**
 * Looks now and then for deployments that have not ended and have no job: the API died between record and queue, or
 * someone removed the job in the queue dashboard. They get a job again, when it is their turn. Then it corrects the listing.
 */
export function startSweep(options: SweepOptions): AsyncDisposable {
  const { clock, log, intervalMs = 5000 } = options
  return repeat(() => sweep(options), {
    clock,
    intervalMs,
    onError: (err) => log.error({ err }, 'sweep failed'),
  })
}

/** A deployment whose record cannot be read holds up none of the others. */
async function sweep(options: SweepOptions): Promise<void> {
  for (const deploymentId of await options.deploymentIndex.listActive())
    try {
      await enqueueAgain(deploymentId, options)
    } catch (err) {
      if (!isUnreliable(err)) throw err
      options.onInvalid(err)
    }
  await options.deploymentIndex.repair()
}

async function enqueueAgain(id: string, options: SweepOptions): Promise<void> {
  const { deployments, turns, queues, clusters, clock, log } = options
  const deployment = await deployments.read(id)
  if (!deployment || !isOurs(deployment, clusters) || (await queues.hasJob(deployment))) return
  // Read again: a job ends after its deployment, so one that is gone now may have done its work since the first look.
  const now = await deployments.read(id)
  if (!now || !isOurs(now, clusters)) return
  const isHeldBy = (spec: DeploymentSpec) => freezeToWaitFor(spec, clusters[spec.cluster]!, clock.now())
  if ((await turns.check(id, isHeldBy)) !== undefined) return
  log.warn({ deployment: id, request: now.request }, 'deployment without a job enqueued again')
  await queues.enqueueDeployment(now)
}

function isOurs({ spec, state }: Deployment, clusters: SweepOptions['clusters']): boolean {
  return Object.hasOwn(clusters, spec.cluster) && !('endedAt' in state)
}
