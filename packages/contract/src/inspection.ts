import { z } from 'zod'
import { VersionProven, Traffic } from './deployment.ts'
import { ServerRef, ServerState } from './plan.ts'
import { DeploymentId, HostName, Name, Timestamp, Version } from './primitives.ts'
import { Failure } from './problem.ts'

/** What a host runs, as it last said itself. */
export const RunningRelease = z.object({
  release: z.string(),
  version: Version,
  deployment: DeploymentId.optional().meta({
    description: 'The deployment that put the release in place; absent when someone else did.',
  }),
  at: Timestamp.meta({ description: 'When the host last reported this.' }),
  isVersionProven: VersionProven.optional(),
})
export type RunningRelease = z.infer<typeof RunningRelease>

/** What a host may run in place of what it last reported: a deployment has begun to change it, and has not seen what came of that. */
export const BegunRelease = z.object({
  release: z.string(),
  version: Version,
  deployment: DeploymentId.meta({ description: 'The deployment that began to change the host.' }),
  at: Timestamp.meta({ description: 'When it began.' }),
})
export type BegunRelease = z.infer<typeof BegunRelease>

/** A host of an application: whether it is in the inventory, what it runs, and what it should run. */
export const ApplicationHost = z.object({
  host: HostName,
  environment: Name,
  inInventory: z.boolean().optional().meta({
    description: 'Whether the inventory has it now; absent where the inventory was not asked, or did not answer.',
  }),
  runs: RunningRelease.optional().meta({ description: 'Absent where nothing is known to have been deployed to it.' }),
  mayRun: BegunRelease.optional().meta({
    description:
      'Another release that the host may run: a deployment began to change the host, and what came of that is not known. Absent otherwise.',
  }),
  wanted: z
    .object({ version: Version, deployment: DeploymentId })
    .optional()
    .meta({ description: 'What it should run, and since which deployment; absent before the first that succeeded.' }),
  drift: z.string().optional().meta({
    description: 'How the host differs, or may differ, from the version that it should run; absent when it does not.',
  }),
  traffic: Traffic.meta({ description: 'Where the last walk left the traffic.' }),
})
export type ApplicationHost = z.infer<typeof ApplicationHost>

export const HostsQuery = z.strictObject({
  environment: Name.optional(),
  inventory: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .meta({ description: 'Whether to ask the inventory which hosts there are now, by a worker.' }),
})

export const ApplicationHostList = z.object({
  hosts: z.array(ApplicationHost),
  failures: z
    .array(z.object({ environment: Name, failure: Failure }))
    .meta({ description: 'Environments whose inventory did not answer, and why.' }),
})
export type ApplicationHostList = z.infer<typeof ApplicationHostList>

/** One thing that deployments need, tried from where they need it. */
export const DoctorCheck = z.object({
  name: z.string().meta({ description: 'The check, such as "redis", "chef", "ssh" or "haproxy".' }),
  target: z.string().meta({ description: 'The cluster, host or address that was checked.' }),
  ok: z.boolean(),
  detail: z.string().meta({ description: 'The result.' }),
  hint: z.string().optional().meta({ description: 'What to do.' }),
})
export type DoctorCheck = z.infer<typeof DoctorCheck>

export const DoctorQuery = z.strictObject({
  cluster: Name.optional().meta({ description: 'Only this cluster. Default: all clusters.' }),
})
export const DoctorReport = z.object({ checks: z.array(DoctorCheck) })
export type DoctorReport = z.infer<typeof DoctorReport>

export const BalancerDoctorRequest = z.strictObject({
  cluster: Name.optional().meta({ description: 'The cluster; optional when there is only one.' }),
  application: Name.optional(),
  environment: Name.optional(),
  fix: z.boolean().default(false).meta({ description: 'Whether to put servers back. Default: only report them.' }),
})
export type BalancerDoctorRequest = z.infer<typeof BalancerDoctorRequest>

/**
 * A server that Vesemir took out of rotation by its journal, or by the mark of the host, as its box shows it now.
 *
 * left-out: as Vesemir left it, though no deployment works on it · reduced: in rotation, at a weight that Vesemir left ·
 * in-use: a deployment in progress uses it ·
 * back: in rotation as it was before · changed: someone else has changed it since, so it is theirs · unknown: its box
 * did not answer
 */
export const BalancerFinding = z.object({
  server: ServerRef,
  deployment: DeploymentId,
  host: HostName,
  notedAt: Timestamp.meta({ description: 'When it was taken out.' }),
  state: ServerState.optional().meta({
    description: 'The server as its box shows it now; absent when the box did not answer.',
  }),
  verdict: z.enum(['left-out', 'reduced', 'in-use', 'back', 'changed', 'unknown']),
  action: z.enum(['none', 'restorable', 'restored', 'failed']).meta({
    description:
      'What was done: nothing; nothing yet (fix would put the server back); put back; or failed to put back.',
  }),
  detail: z.string().optional().meta({ description: 'Why, as a sentence.' }),
})
export type BalancerFinding = z.infer<typeof BalancerFinding>

/** Asks for the servers of an application that deployments took out and Redis has forgotten. */
export const RecoveryRequest = z.strictObject({
  environment: Name.optional().meta({ description: 'Only this environment. Default: all of them.' }),
  fix: z.boolean().default(false).meta({ description: 'Whether to put servers back. Default: only report them.' }),
})
export type RecoveryRequest = z.infer<typeof RecoveryRequest>

/** Which servers these are, and which hosts could not say. */
export const RecoveryReport = z.object({
  servers: z.array(BalancerFinding).meta({ description: 'Those of which the marks of their hosts tell.' }),
  unasked: z
    .array(z.object({ host: HostName, message: z.string() }))
    .meta({ description: 'Hosts out of rotation that could not be asked, with their servers and why.' }),
})
export type RecoveryReport = z.infer<typeof RecoveryReport>

export const BalancerReport = z.object({
  servers: z.array(BalancerFinding).meta({ description: 'Those of the journal, then those of the marks of hosts.' }),
  unread: z
    .array(z.object({ place: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'Hosts and environments whose marks could not be read, and why.' }),
})
export type BalancerReport = z.infer<typeof BalancerReport>
