import { z } from 'zod'
import { Command } from './command.ts'
import { DeploymentSpec, Gate, Intent, VersionProven, StepName, Traffic } from './deployment.ts'
import { PeersSample } from './peers.ts'
import { BackendLeft, HostReason, HostTarget, Plan, ServerRef, ServerState } from './plan.ts'
import { Failure } from './problem.ts'
import { DeploymentId, Epoch, HostName, Name, RequestId, Timestamp, Traceparent, Version } from './primitives.ts'

const fact = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), ...shape })

export const LogLine = z.object({ stream: z.enum(['stdout', 'stderr']), text: z.string() })
export type LogLine = z.infer<typeof LogLine>

const onHost = { host: HostName }
const inStep = { host: HostName, step: StepName }

/** The number of the command that a fact carries out; it and those before it are then done with. */
const following = { follows: z.int().optional() }

/** The deployment whose machines these were until now, when that is another. */
const superseding = { supersedes: DeploymentId.optional() }

/** What happened to a deployment as a whole. */
export const DeploymentFact = z.discriminatedUnion('type', [
  fact('deployment.queued', {
    id: DeploymentId,
    spec: DeploymentSpec,
    requestedBy: z.string(),
    request: RequestId.optional(),
    traceparent: Traceparent.optional(),
  }),
  fact('deployment.waiting', { waitingFor: z.string() }),
  fact('deployment.claimed', { attempt: z.int(), worker: z.string() }),
  fact('deployment.planned', { plan: Plan, ...superseding }),
  fact('deployment.commanded', { command: Command, by: z.string() }),
  fact('command.refused', { failure: Failure, by: z.string(), follows: z.int() }).meta({
    description: 'A command was refused: no host is changed.',
  }),
  fact('deployment.paused', { by: z.string(), ...following }),
  fact('deployment.gated', { gate: Gate }),
  fact('gate.approved', { by: z.string(), follows: z.int() }).meta({
    description: 'One of several people who must approve has approved.',
  }),
  fact('deployment.resumed', { by: z.string().optional(), ...following }),
  fact('hosts.requeued', {
    hosts: z.array(HostName),
    intent: Intent,
    by: z.string(),
    leftOut: z.array(HostName).optional().meta({
      description: 'Hosts that a forced command skips: another deployment has changed them.',
    }),
    named: z
      .literal(true)
      .optional()
      .meta({ description: 'Only these hosts are deployed, whatever the state of others.' }),
    changed: z
      .array(z.object({ target: HostTarget, servers: z.array(ServerRef) }))
      .optional()
      .meta({ description: 'New targets of hosts whose address or SSH settings have changed.' }),
    boxes: z.array(HostTarget).optional().meta({ description: 'New targets of boxes, where they have changed.' }),
    gone: z.array(HostName).optional().meta({ description: 'Hosts that are no longer in the inventory: not changed.' }),
    excluded: z.array(HostName).optional().meta({ description: 'Hosts that a person excludes permanently.' }),
    ...superseding,
    ...following,
  }).meta({ description: 'These hosts are retried or rolled back.' }),
  fact('task.started', { task: Name, on: HostName.optional() }).meta({
    description: 'What is done once per deployment has begun, on a host or by the worker.',
  }),
  fact('task.ended', {
    task: Name,
    outcome: z.enum(['succeeded', 'failed']),
    durationMs: z.int(),
    note: z.string().optional(),
    failure: Failure.optional(),
  }),
  fact('peers.compared', PeersSample.shape).meta({
    description: 'What the updated servers did beside those of the old version, at a gate or while a host is watched.',
  }),
  fact('deployment.superseded', { by: DeploymentId, version: Version }).meta({
    description: 'A newer deployment supersedes this one.',
  }),
  fact('deployment.ended', {
    outcome: z.enum(['succeeded', 'failed', 'cancelled', 'rolled-back']),
    failure: Failure.optional(),
    note: z.string().optional(),
    leftOut: z.array(HostReason).optional().meta({
      description: 'Where no host was behind: the hosts that were left out, and why.',
    }),
    ...following,
  }),
])
export type DeploymentFact = z.infer<typeof DeploymentFact>

/** What happened to one host. */
export const HostFact = z.discriminatedUnion('type', [
  fact('host.claimed', { ...onHost, attempt: z.int(), worker: z.string() }),
  fact('host.turned', { ...onHost, intent: Intent, why: z.string() }).meta({
    description: 'The host changes from deploying to rolling back, or the reverse, in the middle of its walk.',
  }),
  fact('step.started', inStep),
  fact('step.waiting', { ...inStep, waitingFor: z.string() }),
  fact('step.ended', {
    ...inStep,
    outcome: z.enum(['succeeded', 'failed', 'skipped']),
    durationMs: z.int(),
    note: z.string().optional(),
  }),
  fact('servers.located', { ...onHost, servers: z.array(ServerRef), cause: z.string() }).meta({
    description: "The host's servers differ from the plan: its boxes have changed.",
  }),
  fact('servers.snapshotted', {
    ...onHost,
    servers: z.array(ServerState).meta({ description: 'The state to restore.' }),
    leftOut: z.boolean().meta({ description: 'An earlier deployment left the host out of rotation.' }),
  }),
  fact('servers.seen', {
    ...onHost,
    servers: z.array(ServerState),
    left: z.array(BackendLeft).optional().meta({
      description: 'When the host was taken out of rotation: what its backends had left without it.',
    }),
  }),
  fact('servers.returned', {
    ...onHost,
    servers: z.array(ServerState).meta({ description: 'The servers found in rotation.' }),
    cause: z.string(),
  }).meta({ description: 'A box lost its drains, as after a reload; the walk drains the servers again.' }),
  fact('release.seen', { ...onHost, release: z.string() }).meta({
    description: 'The release that the host reports as current.',
  }),
  fact('release.introduced', { ...onHost, release: z.string(), previous: z.string().optional() }),
  fact('release.reverted', { ...onHost, release: z.string().optional() }).meta({
    description: 'The release was removed; `release` is current now, if the host reports one.',
  }),
  fact('host.ended', {
    ...onHost,
    outcome: z.enum(['succeeded', 'failed', 'unreachable', 'skipped', 'rolled-back']),
    traffic: Traffic,
    isVersionProven: VersionProven.optional(),
    failure: Failure.optional(),
  }),
])
export type HostFact = z.infer<typeof HostFact>

/** Output lines of one step on one host. They change no state, and the oldest are trimmed from a very long log. */
export const LogFact = fact('log.appended', { ...inStep, lines: z.array(LogLine) })
export type LogFact = z.infer<typeof LogFact>

/** Output lines of a task, as `LogFact`. */
export const TaskLogFact = fact('task.logged', { task: Name, lines: z.array(LogLine) })
export type TaskLogFact = z.infer<typeof TaskLogFact>

/** All that can happen to a deployment and its hosts, and what they print. */
export const Fact = z.discriminatedUnion('type', [DeploymentFact, HostFact, LogFact, TaskLogFact])
export type Fact = z.infer<typeof Fact>

/**
 * A fact with its place and moment: what the record keeps and viewers receive. `seq` counts 1, 2, 3 … through all events
 * of a deployment; a cursor is such a number.
 */
export const DeploymentEvent = Fact.and(z.object({ seq: z.int(), at: Timestamp }))
export type DeploymentEvent = z.infer<typeof DeploymentEvent>

/** What the WebSocket at `/v1/deployments/:id/events` sends, each as one text message. */
export const StreamMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('events'), events: z.array(DeploymentEvent), epoch: Epoch.optional() }),
  z.object({ kind: z.literal('restored'), after: z.int(), epoch: Epoch }).meta({
    description: 'Redis has lost events: forget those with numbers above `after`. What follows continues there.',
  }),
  z.object({ kind: z.literal('trimmed'), from: z.int(), to: z.int() }).meta({
    description: 'The log lines numbered from..to were trimmed.',
  }),
  z.object({ kind: z.literal('ended') }).meta({ description: 'The deployment has ended and every event was sent.' }),
])
export type StreamMessage = z.infer<typeof StreamMessage>
