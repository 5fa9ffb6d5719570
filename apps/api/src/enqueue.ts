import type { Queues } from '@vesemir/store/queue'
import type { Deployment } from '@vesemir/contract'
import { isEnded, type Deployments } from '@vesemir/core'
import type { FastifyBaseLogger } from 'fastify'

const leftToSweep = 'deployment not enqueued; the sweep will enqueue it'

/** What giving a deployment to the workers needs. */
export interface EnqueuePorts {
  deployments: Deployments
  queues: Pick<Queues, 'enqueueDeployment'>
  log: Pick<FastifyBaseLogger, 'warn'>
}

/** Gives a deployment to the workers that was recorded just now. What is so once it is recorded stays so, as below. */
export async function enqueueNew(
  deployment: Deployment,
  { queues, log }: { queues: Pick<Queues, 'enqueueNew'>; log: Pick<FastifyBaseLogger, 'warn'> },
): Promise<void> {
  try {
    await queues.enqueueNew(deployment)
  } catch (err) {
    log.warn({ err, deployment: deployment.id }, leftToSweep)
  }
}

/**
 * Gives a recorded deployment to the workers, unless it has ended; where it has a job, that stays. What people asked for is
 * so once it is recorded: where this fails, the workers' sweep finds it.
 */
export async function enqueue(id: string, { deployments, queues, log }: EnqueuePorts): Promise<void> {
  try {
    const deployment = await deployments.read(id)
    if (deployment && !isEnded(deployment)) await queues.enqueueDeployment(deployment)
  } catch (err) {
    log.warn({ err, deployment: id }, leftToSweep)
  }
}
