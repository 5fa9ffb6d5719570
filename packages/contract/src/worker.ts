import { z } from 'zod'
import { DeploymentId, HostName, Name, Timestamp } from './primitives.ts'

/** The share of one cluster in a worker's load. */
export const WorkerLoad = z.object({
  cluster: Name,
  deployments: z.int().meta({ description: 'Deployments in progress.' }),
  maxDeployments: z.int(),
  hosts: z.int().meta({ description: 'Hosts in progress.' }),
  maxHosts: z.int(),
})
export type WorkerLoad = z.infer<typeof WorkerLoad>

/** A deployment that a worker coordinates, or a host that it walks. */
export const WorkerJob = z.object({
  deployment: DeploymentId,
  application: Name,
  environment: Name,
  host: HostName.optional().meta({ description: 'Absent for the deployment as a whole.' }),
  since: Timestamp,
})
export type WorkerJob = z.infer<typeof WorkerJob>

/** A worker process as it last reported itself. */
export const WorkerReport = z.object({
  name: Name,
  version: z.string().meta({ description: 'The version of Vesemir that it runs.' }),
  startedAt: Timestamp,
  seenAt: Timestamp.meta({ description: 'When it last reported itself.' }),
  takesJobs: z.boolean().meta({ description: 'Whether it takes new work.' }),
  load: z.array(WorkerLoad),
  jobs: z.array(WorkerJob).meta({ description: 'What is in progress, oldest first, at most 200.' }),
})
export type WorkerReport = z.infer<typeof WorkerReport>

/** Who has a worker drained, since when and why. */
export const WorkerDrain = z.object({ by: z.string(), at: Timestamp, reason: z.string().optional() })
export type WorkerDrain = z.infer<typeof WorkerDrain>

/**
 * Whether a worker does its work.
 *
 * working: takes jobs · draining: returns its jobs to the queue · drained: has none · lost: has not reported itself for 10 s
 */
export const WorkerState = z.enum(['working', 'draining', 'drained', 'lost'])
export type WorkerState = z.infer<typeof WorkerState>

/** A worker as an operator sees it. */
export const WorkerView = z.object({ ...WorkerReport.shape, state: WorkerState, drain: WorkerDrain.optional() })
export type WorkerView = z.infer<typeof WorkerView>

/** What keeps the jobs of a cluster waiting, such as a queue that a person has paused. */
export const QueueHold = z.object({ cluster: Name, reason: z.string() })
export type QueueHold = z.infer<typeof QueueHold>

/** How much memory Redis has in use, and how much it may take. */
export const RedisMemory = z.object({
  usedBytes: z.number(),
  limitBytes: z.number().meta({ description: 'What it may take; 0 where nothing bounds it.' }),
})
export type RedisMemory = z.infer<typeof RedisMemory>

/** `GET /v1/workers`: the workers, and why jobs wait. */
export const WorkerList = z.object({
  workers: z.array(WorkerView),
  clustersWithoutWorker: z.array(Name).meta({ description: 'Clusters in which no worker takes jobs.' }),
  holds: z.array(QueueHold).meta({ description: 'Why jobs wait: no worker, or a queue that is paused or limited.' }),
  redisMemory: RedisMemory.optional().meta({
    description: 'The memory of Redis, for callers who may inspect everything, while Redis says it.',
  }),
})
export type WorkerList = z.infer<typeof WorkerList>

/** `PUT /v1/workers/:worker/drain`. */
export const WorkerDrainRequest = z.strictObject({ reason: z.string().min(1).max(500).optional() })
export type WorkerDrainRequest = z.infer<typeof WorkerDrainRequest>
