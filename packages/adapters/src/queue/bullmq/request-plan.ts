import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { DeploymentSpec, PlanPreview } from '@vesemir/contract'
import { errorTable, VesemirError, type ErrorCode } from '@vesemir/core'
import { Job, type Queue } from 'bullmq'
import type { PlanAnswer, PlanJob } from './jobs.ts'

const checkIntervalMs = 100

export interface PlanRequest {
  spec: DeploymentSpec
  signal: AbortSignal
  /** How long the answer may take, a queue before it included. */
  timeoutMs: number
}

/** Puts a plan's job in the queue and waits for its answer. One that nobody waits for any more is taken out again. */
export async function requestPlan(queue: Queue, request: PlanRequest): Promise<PlanPreview> {
  const { spec } = request
  const data: PlanJob = { spec }
  const name = `plan ${spec.application} ${spec.version} to ${spec.environment}`
  const job = await queue.add(name, data, { jobId: randomUUID() })
  try {
    return await awaitAnswer(queue, job.id!, request)
  } catch (error) {
    // One that a worker has in hand cannot be taken out; its answer is dropped.
    await job.remove().catch(() => {})
    throw error
  }
}

async function awaitAnswer(queue: Queue, id: string, { spec, signal, timeoutMs }: PlanRequest): Promise<PlanPreview> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += checkIntervalMs) {
    const job = await Job.fromId<PlanJob, PlanAnswer>(queue, id)
    if (job?.returnvalue) return read(job.returnvalue)
    if (!job || job.failedReason)
      throw new VesemirError('INTERNAL', `a plan's job ended without an answer: ${job?.failedReason ?? 'it is gone'}`)
    await setTimeout(checkIntervalMs, undefined, { signal })
  }
  const message = `no worker of cluster ${spec.cluster} has answered within ${timeoutMs / 1000} s what the deployment would do`
  throw new VesemirError('PLAN_TIMED_OUT', message)
}

function read(answer: PlanAnswer): PlanPreview {
  if ('preview' in answer) return answer.preview
  const { code, message } = answer.failure
  throw new VesemirError(Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'INTERNAL', message)
}
