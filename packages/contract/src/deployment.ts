import { z } from 'zod'
import { HostSelection, Settings, SomeSettings } from './application.ts'
import { GivenCommand } from './command.ts'
import { PlanChanges } from './changes.ts'
import {
  FailedHost,
  HostReason,
  HostTarget,
  PlannedHost,
  PlannedRelease,
  PlannedWave,
  SecretDigests,
  ServerState,
} from './plan.ts'
import { PeersSum } from './peers.ts'
import { Failure } from './problem.ts'
import { complainOfTasks } from './given-tasks.ts'
import { DeploymentId, HostName, Name, PlanId, RequestId, Timestamp, Traceparent, Version } from './primitives.ts'
import { quoteValue } from './quote-value.ts'
import { Hooks, Notification, Pace, RolloutSettings } from './rollout.ts'
import { stepNames } from './step-names.ts'
import { TaskRecord } from './task.ts'

/** Which of an application's hosts a deployment is for, by what they run. */
const Only = z.enum(['behind']).optional().meta({
  description: 'Only hosts that do not run the version, by what they say themselves when the deployment is planned.',
})

/** Whether a deployment takes the place of a rollback. */
const GoesBack = z.boolean().optional().meta({
  description:
    'Whether the deployment goes back to an earlier version: of the tasks, only those of the moment onRollback run, at its end.',
})

/** The commit that a version was built from, for the page that compares versions. */
const Revision = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/, {
    error: ({ input }) => `${quoteValue(input)} is not a commit, such as 3f9d1c2`,
  })
  .optional()
  .meta({ description: 'The commit that the version was built from, for the page that compares versions.' })

/** What a person asks for: an application's version in an environment, and settings that differ this once. */
export const DeploymentRequest = z.strictObject({
  application: Name,
  environment: Name,
  version: Version,
  reason: z.string().max(500).optional(),
  builtAt: Timestamp.optional().meta({ description: 'When the version was built, for the lead time in statistics.' }),
  revision: Revision,
  wait: z.boolean().default(true).meta({
    description: 'Behind another deployment of the application and environment: queue, or be refused.',
  }),
  override: z.boolean().default(false).meta({ description: 'Deploy although the application is locked (admins).' }),
  only: Only,
  goesBack: GoesBack,
  ...SomeSettings.shape,
})
export type DeploymentRequest = z.infer<typeof DeploymentRequest>

/** A request as people give it; what is stored is read as `DeploymentRequest`. */
export const GivenRequest = DeploymentRequest.superRefine(complainOfTasks)

/** A plan is deployed as it is: a request that differs in settings is another plan. What is not given is as when it was planned. */
export const PlanDeploymentRequest = z.strictObject({
  reason: z.string().max(500).optional(),
  wait: z.boolean().optional(),
  override: z.boolean().optional(),
  acceptLowCapacity: z.boolean().optional(),
})
export type PlanDeploymentRequest = z.infer<typeof PlanDeploymentRequest>

/** Settings with nothing left open. */
export const CompleteSettings = z.strictObject({
  ...Settings.shape,
  hosts: HostSelection.default({}),
  concurrency: Pace.default(1),
  acceptLowCapacity: z.boolean().default(false),
  unmatchedServers: Settings.shape.unmatchedServers.default('warn'),
  rollout: RolloutSettings.prefault({}),
  hooks: Hooks.prefault({}),
  // Without a default: a version that does not know these must not be shown what is empty.
  tasks: Settings.shape.tasks.optional(),
  variables: Settings.shape.variables.optional(),
  changes: Settings.shape.changes.optional(),
  notifications: z.array(Notification).max(20).default([]),
})
export type CompleteSettings = z.infer<typeof CompleteSettings>

/** A request with everything that its application's definition adds: complete, and kept with the deployment. */
export const DeploymentSpec = z.strictObject({
  application: Name,
  environment: Name,
  version: Version,
  reason: z.string().max(500).optional(),
  builtAt: Timestamp.optional().meta({ description: 'When the version was built, for the lead time in statistics.' }),
  revision: Revision,
  override: z.boolean().default(false),
  partial: z.literal(true).optional().meta({
    description: 'The request named the hosts: not all hosts of the application are deployed.',
  }),
  only: Only,
  goesBack: GoesBack,
  converges: z
    .object({
      deployment: DeploymentId,
      release: z.string(),
      bySchedule: z.literal(true).optional().meta({
        description: 'Set where the schedule of the environment asked for it, in the name of `requestedBy`.',
      }),
    })
    .optional()
    .meta({
      description: 'The release that should run, and the deployment that made it so: the deployment does nothing else.',
    }),
  planId: PlanId.optional().meta({
    description: 'The plan to carry out: the deployment fails before any change where the plan has changed.',
  }),
  ...CompleteSettings.shape,
})
export type DeploymentSpec = z.infer<typeof DeploymentSpec>

/** A step of the walk of one host. */
export const StepName = z.enum(stepNames)
export type StepName = z.infer<typeof StepName>

/**
 * Where a host's traffic was left, by what the boxes showed last: never changed, back as it was before, drained on every
 * box, in service but not as it was before (`partial`), or not known since a box did not answer.
 */
export const Traffic = z.enum(['untouched', 'restored', 'drained', 'partial', 'unknown'])
export type Traffic = z.infer<typeof Traffic>

/** What a walk is for: to introduce the deployment's version, or to bring back the one before. */
export const Intent = z.enum(['deploy', 'rollback'])
export type Intent = z.infer<typeof Intent>

/** Whether the host's own answer proved its version to the end of the walk. */
export const VersionProven = z.boolean().meta({
  description: 'Whether the health check proved the version until the end of the walk.',
})

const ended = { endedAt: Timestamp, traffic: Traffic }

export const HostState = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('pending'),
    traffic: Traffic.optional().meta({ description: 'Where an earlier attempt of this deployment left the traffic.' }),
  }),
  z.object({ status: z.literal('running'), step: StepName, since: Timestamp, waitingFor: z.string().optional() }),
  z.object({ status: z.literal('succeeded'), ...ended, isVersionProven: VersionProven.optional() }),
  z.object({ status: z.literal('failed'), ...ended, failure: Failure }),
  z.object({ status: z.literal('unreachable'), ...ended, failure: Failure }),
  z.object({ status: z.literal('skipped'), ...ended, failure: Failure }),
  z.object({
    status: z.literal('rolled-back'),
    ...ended,
    isVersionProven: VersionProven.optional(),
    failure: Failure.optional(),
  }),
])
export type HostState = z.infer<typeof HostState>
export type HostStatus = HostState['status']

export const StepRecord = z.object({
  step: StepName,
  status: z.enum(['running', 'succeeded', 'failed', 'skipped']),
  startedAt: Timestamp,
  durationMs: z.int().optional(),
  note: z.string().optional(),
})
export type StepRecord = z.infer<typeof StepRecord>

/** How an earlier attempt of a host ended. */
export const PastAttempt = z.object({
  attempt: z.int(),
  intent: Intent,
  status: z.enum(['succeeded', 'failed', 'unreachable', 'skipped', 'rolled-back']),
  endedAt: Timestamp,
  traffic: Traffic,
  isVersionProven: VersionProven.optional(),
  failure: Failure.optional(),
  step: StepName.optional().meta({ description: 'The step that failed.' }),
})
export type PastAttempt = z.infer<typeof PastAttempt>

/** What is known of one host of one deployment. */
export const HostRecord = z.object({
  ...PlannedHost.shape,
  state: HostState,
  intent: Intent,
  attempt: z.int().meta({ description: 'Number of attempts at this host, from 1; 0 before the first.' }),
  steps: z.array(StepRecord),
  history: z
    .array(PastAttempt)
    .optional()
    .meta({ description: 'How earlier attempts ended: the last 20, oldest first.' }),
  gone: Failure.optional().meta({
    description: 'Set when a retry or rollback no longer found the host in the inventory.',
  }),
  snapshot: z.array(ServerState).optional().meta({ description: 'The servers before the first change, to restore.' }),
  leftOut: z.boolean().optional().meta({
    description: 'An earlier deployment left the host out of rotation: the version it ran is not proven.',
  }),
  asLeft: z.literal(true).optional().meta({
    description:
      'This walk has not changed its servers yet: they are as the last walk left them, or as someone has set them since.',
  }),
  unproven: z.literal(true).optional().meta({
    description: 'The changeset was started, and the version has not been proven since.',
  }),
  changing: z.literal(true).optional().meta({
    description:
      'The changeset was started on a proven host: unless the host reports that nothing changed, it is unproven.',
  }),
  ranBefore: z.string().optional().meta({
    description: 'The release that the host itself named as current before this deployment changed it.',
  }),
  current: z.object({ release: z.string(), saidAt: Timestamp }).optional().meta({
    description: 'The release that the host reports as current, and when it last did.',
  }),
  seen: z.array(ServerState).optional().meta({ description: 'The servers as last read from the boxes.' }),
  release: z.object({ id: z.string(), previous: z.string().optional() }).optional().meta({
    description: 'The release that this deployment put in place, and the previous one.',
  }),
})
export type HostRecord = z.infer<typeof HostRecord>

/** Why a deployment stands still between hosts, and until when at the most. */
export const Gate = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('approval'),
    afterWave: z.int(),
    until: Timestamp,
    approvals: z.int().optional().meta({ description: 'How many people must approve; 1 when absent.' }),
    approvedBy: z
      .array(z.string())
      .optional()
      .meta({ description: 'Who has approved so far, while more approvals are needed.' }),
  }),
  z.object({ kind: z.literal('pause'), afterWave: z.int(), until: Timestamp }),
  z.object({
    kind: z.literal('failure'),
    hosts: z.array(HostName),
    until: Timestamp,
    otherwise: z.enum(['stop', 'skip', 'rollback']),
  }),
])
export type Gate = z.infer<typeof Gate>

const EndedState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('succeeded'), endedAt: Timestamp, note: z.string().optional() }),
  z.object({ status: z.literal('failed'), endedAt: Timestamp, failure: Failure }),
  z.object({ status: z.literal('cancelled'), endedAt: Timestamp, failure: Failure }),
  z.object({ status: z.literal('rolled-back'), endedAt: Timestamp, failure: Failure.optional() }),
])
export type EndedState = z.infer<typeof EndedState>

export const DeploymentState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('queued'), waitingFor: z.string().optional() }),
  z.object({ status: z.literal('planning'), since: Timestamp }),
  z.object({ status: z.literal('running'), since: Timestamp }),
  z.object({ status: z.literal('paused'), since: Timestamp, by: z.string() }),
  z.object({ status: z.literal('gated'), since: Timestamp, gate: Gate }),
  EndedState,
])
export type DeploymentState = z.infer<typeof DeploymentState>
export type DeploymentStatus = DeploymentState['status']

/** How many hosts are in each state. */
export const HostCounts = z.object({
  pending: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  unreachable: z.int(),
  skipped: z.int(),
  'rolled-back': z.int(),
})
export type HostCounts = z.infer<typeof HostCounts>

/** A deployment by its id and version. */
export const DeploymentRef = z.object({ id: DeploymentId, version: Version })
export type DeploymentRef = z.infer<typeof DeploymentRef>

/** A deployment without its hosts: a row of the list. */
export const Deployment = z.object({
  id: DeploymentId,
  spec: DeploymentSpec,
  createdAt: Timestamp,
  requestedBy: z.string(),
  request: RequestId.optional(),
  traceparent: Traceparent.optional(),
  state: DeploymentState,
  intent: Intent.meta({ description: 'Whether hosts are deployed or rolled back now.' }),
  gatesPassed: z
    .int()
    .meta({ description: 'The last wave whose gates are passed; 0 before the first, -1 where a gate is before that.' }),
  toleratedFailures: z.array(HostName).meta({ description: 'Failed hosts that a person skipped.' }),
  commands: z.array(GivenCommand).meta({ description: 'Commands of people that are not carried out yet.' }),
  named: z
    .object({ hosts: z.array(HostName), endsAfter: z.boolean() })
    .optional()
    .meta({
      description:
        'The hosts that a retry named: only these are deployed; then the deployment ends again, or continues.',
    }),
  excluded: z
    .array(HostName)
    .optional()
    .meta({ description: 'Hosts that a retry excluded permanently: counted neither as failed nor as missing.' }),
  refused: Failure.optional().meta({ description: 'Why the last command was not carried out.' }),
  endedAs: EndedState.optional().meta({
    description: 'How the deployment had ended when a retry or rollback was accepted; absent once that starts.',
  }),
  idleMs: z
    .int()
    .optional()
    .meta({ description: 'How long it had ended before commands made it go on: no part of its duration.' }),
  supersedes: DeploymentId.optional().meta({
    description: "The deployment that changed the environment's machines before this one.",
  }),
  supersededBy: DeploymentRef.optional().meta({
    description: 'The newer deployment of the environment, which supersedes this one.',
  }),
  plan: z
    .object({
      hosts: z.int(),
      boxes: z.array(HostTarget),
      concurrency: z.int(),
      waves: z.array(PlannedWave),
      release: PlannedRelease,
      secrets: SecretDigests.optional(),
      warnings: z.array(z.string()),
      changes: PlanChanges.optional().meta({ description: 'Absent from lists, and from records of earlier releases.' }),
    })
    .optional(),
  leftOut: z.array(HostReason).optional().meta({
    description:
      'Of a deployment to hosts that are behind: hosts that it leaves out, and why. Absent where there is none; in lists, ten at most, those that may not run what they should first.',
  }),
  failedBefore: z.array(FailedHost).optional().meta({
    description:
      'Of a deployment of what should run to named hosts: other hosts, which failed when they were brought up before. Absent from lists.',
  }),
  moreLeftOut: z.int().optional().meta({
    description: 'In lists: how many hosts it leaves out besides those of `leftOut`. Absent where that names all.',
  }),
  tasks: z.array(TaskRecord).optional().meta({
    description: 'The tasks that have started, in that order; what is done once per deployment.',
  }),
  peers: PeersSum.optional().meta({
    description: 'The updated servers beside those of the old version, as last counted. Absent from lists.',
  }),
  counts: HostCounts,
})
export type Deployment = z.infer<typeof Deployment>

/** A deployment with its hosts, as it was at the event numbered `cursor`: the events after it tell the rest. */
export const DeploymentView = z.object({
  deployment: Deployment,
  hosts: z.array(HostRecord),
  cursor: z.int(),
  incomplete: Failure.optional().meta({
    description: 'Why the record cannot be relied on: events are missing, or something was changed in Redis.',
  }),
  archivedAt: Timestamp.optional().meta({
    description: 'When the record was archived; set where it is read from the archive.',
  }),
})
export type DeploymentView = z.infer<typeof DeploymentView>
