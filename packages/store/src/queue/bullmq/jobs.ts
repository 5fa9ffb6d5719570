import {
  BalancerDoctorRequest,
  BalancerReport,
  DeploymentId,
  DeploymentSpec,
  DoctorReport,
  Failure,
  HostName,
  Name,
  Notice,
  PlanPreview,
  RecoveryReport,
  RecipientName,
  RequestId,
  Traceparent,
  Version,
  type Deployment,
} from '@vesemir/contract'
import { isVesemirError } from '@vesemir/core'
import type { JobsOptions, WorkerOptions } from 'bullmq'
import { z } from 'zod'
import { taggedPrefix, type RedisClient } from '../../redis/redis-client.ts'

/** What a deployment job carries: its id, and for queue dashboard, log and traces what that is, and which request asked for it. */
export const DeploymentJob = z.object({
  deploymentId: DeploymentId,
  application: Name,
  environment: Name,
  version: Version,
  request: RequestId.optional(),
  traceparent: Traceparent.optional(),
})
export type DeploymentJob = z.infer<typeof DeploymentJob>

/** What a host job is for: the walk that `HostJobs.start` is asked for. */
export const HostJob = z.object({
  ...DeploymentJob.shape,
  host: HostName,
  after: z.int(),
  successor: HostName.optional(),
})
export type HostJob = z.infer<typeof HostJob>

/** What the job of a notice is for: no address and no secret, only the name of who is to get it. */
export const NoticeJob = z.object({ to: RecipientName, notice: Notice })
export type NoticeJob = z.infer<typeof NoticeJob>

/** What a job carries that not everybody may add: its order with a seal, beside what people see of it in the queue. */
export const SealedJob = z.object({ order: z.string().optional() })

/** Names the place of a job's order: a copy of it is no order for another job, nor in another queue. */
export function sealContextOfJob(queueName: string, id: string): string {
  return `job ${id} of ${queueName}`
}

/** Every queue's name. A cluster's workers alone reach its machines, so it has queues of its own. */
export const queueNames = {
  deployments: (cluster: string) => `deployments-${cluster}`,
  hosts: (cluster: string) => `hosts-${cluster}`,
  questions: (cluster: string) => `questions-${cluster}`,
  notifications: (cluster: string) => `notifications-${cluster}`,
}

/** What BullMQ's keys of a queue start with, beside the record's: those of a queue are in one slot of a Redis Cluster. */
export function bullPrefix(
  redis: Pick<RedisClient, 'isCluster'>,
  { prefix: ownPrefix, queueName }: { prefix: string; queueName: string },
): string {
  const prefix = taggedPrefix(redis, { prefix: ownPrefix, tag: queueName })
  return `${prefix}:queue`
}

/** No host's name has a `~`, and BullMQ takes no `:` in an id. */
export function hostJobId(deploymentId: string, host: string): string {
  return `${deploymentId}~${host}`
}

/** The same for the same notice to the same recipient, whose name has no `~`: it is sent once, however often it is added. */
export function noticeJobId({ to, notice }: NoticeJob): string {
  return `${notice.id}~${to}`
}

export function toDeploymentJob({ id, spec, request, traceparent }: Deployment): DeploymentJob {
  const { application, environment, version } = spec
  return {
    deploymentId: id,
    application,
    environment,
    version,
    ...(request === undefined ? {} : { request }),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
}

/** What only a cluster's workers can tell, since they alone reach its machines: what is asked, and what is answered. */
const questions = {
  plan: { asked: z.object({ spec: DeploymentSpec }), answer: PlanPreview },
  hosts: { asked: z.object({ spec: DeploymentSpec }), answer: z.object({ hosts: z.array(HostName) }) },
  doctor: { asked: z.object({ specs: z.array(DeploymentSpec) }), answer: DoctorReport },
  balancers: { asked: BalancerDoctorRequest.omit({ cluster: true }), answer: BalancerReport },
  recovery: { asked: z.object({ spec: DeploymentSpec, fix: z.boolean() }), answer: RecoveryReport },
}
export type Questions = {
  [Kind in keyof typeof questions]: { [Part in 'asked' | 'answer']: z.infer<(typeof questions)[Kind][Part]> }
}

export type QuestionKind = keyof Questions

const askedAt = z.iso.datetime()

/** A question, and when it was asked. */
export const Question = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plan'), asked: questions.plan.asked, askedAt }),
  z.object({ kind: z.literal('hosts'), asked: questions.hosts.asked, askedAt }),
  z.object({ kind: z.literal('doctor'), asked: questions.doctor.asked, askedAt }),
  z.object({ kind: z.literal('balancers'), asked: questions.balancers.asked, askedAt }),
  z.object({ kind: z.literal('recovery'), asked: questions.recovery.asked, askedAt }),
])
export type Question = z.infer<typeof Question>

/** What becomes of a question's job: a failure is an answer too, with its code. */
export type Reply<Kind extends QuestionKind = QuestionKind> =
  | { answer: Questions[Kind]['answer'] }
  | { failure: Failure }

/** Returns the schema of what becomes of a question. */
export function replyTo<Kind extends QuestionKind>(kind: Kind): z.ZodType<Reply<Kind>> {
  const answer: z.ZodType = questions[kind].answer
  return z.union([z.object({ failure: Failure }), z.object({ answer })]) as z.ZodType<Reply<Kind>>
}

const daySeconds = 24 * 3600

/** A job that fails is tried again by a person alone: what may be repeated is repeated inside it. */
export const jobOptions = {
  attempts: 1,
  removeOnComplete: { age: 7 * daySeconds, count: 10_000 },
  removeOnFail: { age: 30 * daySeconds, count: 10_000 },
} satisfies JobsOptions

const noticeBackoff = 'notice'

/**
 * How long a notice waits for its next try: twice as long each time, up to a quarter less; and as long as the recipient asked
 * for, when that is longer.
 */
export function noticeDelayMs(
  attemptsMade: number,
  { firstMs, error, random }: { firstMs: number; error: unknown; random: number },
): number {
  const ownMs = firstMs * 2 ** (attemptsMade - 1) * (1 - random / 4)
  const asked = isVesemirError(error) ? error.details['retryAfterMs'] : undefined
  return Math.round(typeof asked === 'number' ? Math.max(ownMs, asked) : ownMs)
}

/**
 * Twelve tries, each after twice the time that the one before waited: with 5 s at first, about three hours. They come up to a
 * quarter sooner, so that those of many notices spread.
 */
export function noticeOptions(delay: number) {
  return {
    attempts: 12,
    backoff: { type: noticeBackoff, delay },
    removeOnComplete: { age: 7 * daySeconds, count: 10_000 },
    removeOnFail: { age: 30 * daySeconds, count: 10_000 },
  } satisfies JobsOptions
}

/** Whoever asks waits for the answer; nobody looks at it later. */
export const questionOptions = {
  attempts: 1,
  removeOnComplete: { age: 60, count: 100 },
  removeOnFail: { age: 3600, count: 100 },
} satisfies JobsOptions

/**
 * A dead worker's job goes on elsewhere after lock and interval: 8 s. Each take-over counts as a stall, of which BullMQ
 * allows one; every step may be run again, so many are allowed here.
 */
export const takeOverOptions = {
  lockDuration: 6000,
  stalledInterval: 2000,
  maxStalledCount: 100,
} satisfies Partial<WorkerOptions>
