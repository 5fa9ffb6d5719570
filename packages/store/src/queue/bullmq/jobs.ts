import type {
  BalancerDoctorRequest,
  BalancerReport,
  Deployment,
  DeploymentSpec,
  DoctorReport,
  Failure,
  Notice,
  PlanPreview,
} from '@vesemir/contract'
import { isVesemirError } from '@vesemir/core'
import type { JobsOptions, WorkerOptions } from 'bullmq'

/** What a deployment job carries: its id, and for people who look at the queue what that is. */
export interface DeploymentJob {
  deploymentId: string
  application: string
  environment: string
  version: string
}

/** What a host job carries. */
export interface HostJob extends DeploymentJob {
  host: string
  /** Whose turn is next, as `HostJobs.start`. */
  successor?: string
}

/** What the job of a notice carries: no address and no secret, only the name of who is to get it. */
export interface NoticeJob {
  to: string
  notice: Notice
}

/** Every queue's name. A cluster's workers alone reach its machines, so it has queues of its own. */
export const queueNames = {
  deployments: (cluster: string) => `deployments-${cluster}`,
  hosts: (cluster: string) => `hosts-${cluster}`,
  questions: (cluster: string) => `questions-${cluster}`,
  notifications: (cluster: string) => `notifications-${cluster}`,
}

/** What BullMQ's keys start with, beside the record's. */
export function bullPrefix(prefix: string): string {
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

export function toDeploymentJob({ id, spec }: Deployment): DeploymentJob {
  const { application, environment, version } = spec
  return { deploymentId: id, application, environment, version }
}

/** What only a cluster's workers can tell, since they alone reach its machines: what is asked, and what is answered. */
export interface Questions {
  plan: { asked: { spec: DeploymentSpec }; answer: PlanPreview }
  doctor: { asked: { specs: DeploymentSpec[] }; answer: DoctorReport }
  balancers: { asked: Omit<BalancerDoctorRequest, 'cluster'>; answer: BalancerReport }
}

export type QuestionKind = keyof Questions

/** A question as its job carries it. */
export type Question = { [Kind in QuestionKind]: { kind: Kind; asked: Questions[Kind]['asked'] } }[QuestionKind]

/** What becomes of a question's job: a failure is an answer too, with its code. */
export type Reply = { answer: Questions[QuestionKind]['answer'] } | { failure: Failure }

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
