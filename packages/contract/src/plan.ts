import { z } from 'zod'
import { PlanChanges } from './changes.ts'
import { DeploymentId, HostName, PlanId, Timestamp } from './primitives.ts'
import { PlannedTask } from './task.ts'

/**
 * A machine as SSH reaches it. Host keys are in OpenSSH's form, `ssh-ed25519 AAAA…`: only these are accepted. One after
 * `@cert-authority ` is a CA's, whose certificates for the host's name or address are accepted too.
 */
export const HostTarget = z.object({
  name: HostName,
  address: z.string(),
  port: z.int(),
  user: z.string(),
  hostKeys: z.array(z.string()),
  zone: z.string().optional().meta({ description: 'The zone in the inventory, such as "europe-west1-b".' }),
  jumpHosts: z.array(z.string()).optional().meta({
    description:
      "Jump hosts, by names of the worker's settings; empty for a direct connection. Default: as for other hosts.",
  }),
})
export type HostTarget = z.infer<typeof HostTarget>

/** Where a server sends its traffic: `fqdn` is the name that HAProxy resolves, where it has one. */
export const Endpoint = z.object({ address: z.string(), port: z.int(), fqdn: z.string().optional() })
export type Endpoint = z.infer<typeof Endpoint>

/** One server line of one backend on one box. */
export const ServerRef = z.object({
  box: HostName,
  backend: z.string(),
  server: z.string(),
  endpoint: Endpoint.optional().meta({
    description: 'The address of the server when it was found or read; absent from records of earlier releases.',
  }),
})
export type ServerRef = z.infer<typeof ServerRef>

/** A server as its box shows it. `sessions` are those in use or queued; `weight` counts from 0 to 256. */
export const ServerState = z.object({
  ...ServerRef.shape,
  admin: z.enum(['ready', 'drain', 'maint']),
  health: z.enum(['up', 'starting', 'stopping', 'down', 'unproven']).meta({
    description: 'unproven: drained, and shown as up until its next check.',
  }),
  checked: z.boolean().meta({
    description: 'Whether the box checks the server, itself or by a server that it tracks.',
  }),
  proof: z.object({ passed: z.int(), needed: z.int(), lastCheck: z.string() }).optional().meta({
    description: 'While the server is down or unproven: the checks passed in a row, and the result of the last.',
  }),
  unconfirmed: z.literal(true).optional().meta({
    description:
      'Receives traffic while the box counts a check as missing: none has passed since maintenance, or the last failed.',
  }),
  agentChecked: z.literal(true).optional().meta({
    description: 'The box asks an agent, which changes weight and state of the server.',
  }),
  spare: z.literal(true).optional().meta({
    description: 'Not in use: disabled in the configuration, or its name does not resolve.',
  }),
  weight: z.int(),
  initialWeight: z.int().meta({ description: 'The weight of the configuration file.' }),
  downForSeconds: z.int().optional().meta({
    description: 'How long the server has been down; absent when it is not, or is out of rotation.',
  }),
  sessions: z.int(),
  backup: z
    .literal(true)
    .optional()
    .meta({ description: 'A backup server: receives traffic only when no other server is left.' }),
  weightHeldBy: z.enum(['algorithm', 'agent']).optional().meta({
    description: "Why the weight cannot be reduced: a static algorithm, or the server's agent.",
  }),
})
export type ServerState = z.infer<typeof ServerState>

/** A host with the servers that send it traffic. */
export const PlannedHost = z.object({
  target: HostTarget,
  servers: z.array(ServerRef),
  wave: z.int().meta({ description: 'Counted from 1.' }),
})
export type PlannedHost = z.infer<typeof PlannedHost>

/** Hosts that are allowed to start together, at most `concurrency` of them in flight at once. */
export const PlannedWave = z.object({ hosts: z.int(), concurrency: z.int(), zone: z.string().optional() })
export type PlannedWave = z.infer<typeof PlannedWave>

/** An archive as it was seen while planning. `bytes` are those of the file, `unpackedBytes` about those of its contents. */
export const Archive = z.object({
  format: z.enum(['tar.gz', 'tar.zst', 'tar.xz', 'tar.bz2', 'tar', 'zip', 'file']).meta({
    description: '`file` is not unpacked.',
  }),
  sha256: z.string(),
  bytes: z.int(),
  unpackedBytes: z.int(),
  folder: z.string().optional().meta({ description: 'The single top folder, when it holds all files.' }),
  hasSetIdFolders: z.boolean().optional().meta({
    description: 'Whether a folder in it hands on its user or group (setuid or setgid). Absent where nobody looked.',
  }),
})
export type Archive = z.infer<typeof Archive>

/** What is to be introduced, pinned while planning, so that every host gets the same. */
export const PlannedRelease = z.discriminatedUnion('strategy', [
  z.object({
    strategy: z.literal('artifact'),
    id: z.string().meta({ description: 'The folder below releases/.' }),
    url: z.string(),
    fileName: z.string().optional().meta({ description: 'Name in the release, when the file is not unpacked.' }),
    ...Archive.shape,
  }),
  z.object({ strategy: z.literal('command'), id: z.string() }),
  z.object({ strategy: z.literal('git'), id: z.string(), repository: z.string(), commit: z.string() }),
])
export type PlannedRelease = z.infer<typeof PlannedRelease>

/** By variables that are secrets, what tells whether a value is the same as another time, and nothing else about it. */
export const SecretDigests = z.record(z.string(), z.string()).meta({
  description: 'Keyed digests of the values of variables that are secrets: a changed one tells that the value changed.',
})
export type SecretDigests = z.infer<typeof SecretDigests>

/** What a deployment leaves of a backend on a box while as many of its hosts as may be are out, and the load of now. */
export const BackendCapacity = z.object({
  box: HostName,
  backend: z.string(),
  inService: z.int().meta({ description: 'Servers in service now.' }),
  least: z.int().meta({ description: 'The fewest servers that stay in service.' }),
  sessions: z.int().meta({ description: 'Sessions now, of all servers together.' }),
  sessionsPerSecond: z.int().meta({ description: 'Sessions that began in the last second; in HTTP mode, requests.' }),
  sessionLimit: z.int().optional().meta({
    description: 'The most sessions that the fewest servers accept together (maxconn); absent without a limit.',
  }),
})
export type BackendCapacity = z.infer<typeof BackendCapacity>

/** What a backend on a box had in service without a host, and what it needed, when that host was taken out. */
export const BackendLeft = z.object({
  box: HostName,
  backend: z.string(),
  inService: z.int(),
  needed: z.int().meta({ description: 'The highest minHealthy of all who were changing servers of the backend.' }),
})
export type BackendLeft = z.infer<typeof BackendLeft>

/** A host, and why it is or is not deployed to, as a sentence's end: `runs 1.4.1`. */
export const HostReason = z.object({
  host: HostName,
  why: z.string(),
  isUnasked: z.boolean().optional().meta({ description: 'Whether it could not be asked what it runs.' }),
  failedIn: DeploymentId.optional().meta({ description: 'The deployment in which it failed: it is not tried again.' }),
  lacksOwn: z.boolean().optional().meta({
    description: 'Whether it lacks the version of its own that a deployment to some hosts was to give it.',
  }),
})
export type HostReason = z.infer<typeof HostReason>

/** A host that failed when it was brought up, and the deployment in which it did. */
export const FailedHost = z.object({ host: HostName, failedIn: DeploymentId })
export type FailedHost = z.infer<typeof FailedHost>

/** Which hosts are behind a version, as they said themselves. */
export const HostsBehind = z.object({
  behind: z.array(HostReason).meta({ description: 'Hosts that do not run the version, and what they run.' }),
  leftOut: z.array(HostReason).meta({ description: 'Hosts that are not deployed to, and why.' }),
  upToDate: z.int().meta({ description: 'How many hosts run the version.' }),
  failedBefore: z.array(FailedHost).optional().meta({
    description: 'Other hosts, which were not asked, and failed before: they are not tried again either.',
  }),
})
export type HostsBehind = z.infer<typeof HostsBehind>

/** All that a deployment will do, as data: decided once, kept, and shown before it is done. */
export const Plan = z.object({
  hosts: z.array(PlannedHost),
  boxes: z.array(HostTarget),
  concurrency: z.int().meta({ description: 'The most hosts in progress at a time, of any wave.' }),
  waves: z.array(PlannedWave),
  release: PlannedRelease,
  secrets: SecretDigests.optional(),
  capacity: z.array(BackendCapacity).optional().meta({ description: 'Absent from plans of earlier releases.' }),
  warnings: z.array(z.string()),
  only: HostsBehind.optional().meta({ description: 'Of a deployment to hosts that are behind: which these are.' }),
  changes: PlanChanges.optional().meta({ description: 'Absent from plans of earlier releases.' }),
})
export type Plan = z.infer<typeof Plan>

/** A plan as people look at it before anything is done: with the servers as they are now, and what would be run. */
export const PlanPreview = z.object({
  plan: Plan,
  servers: z.array(ServerState).meta({ description: 'The servers of all hosts, as the boxes show them now.' }),
  steps: z.array(z.object({ step: z.string(), does: z.string() })).meta({ description: 'The steps on each host.' }),
  tasks: z.array(PlannedTask).optional().meta({
    description: 'What is done once per deployment. Absent from plans of earlier releases, and where there is none.',
  }),
  needsYes: z.boolean().meta({
    description:
      'Whether less than half of a backend would stay in service, and acceptLowCapacity does not accept that.',
  }),
  estimateSeconds: z.int().optional().meta({ description: 'From earlier deployments of the application.' }),
})
export type PlanPreview = z.infer<typeof PlanPreview>

/** A preview that is kept for a while, and can be deployed by its id: exactly that, or nothing. */
export const KeptPlan = z.object({
  id: PlanId,
  ...PlanPreview.shape,
  expiresAt: Timestamp.meta({ description: 'When the plan expires.' }),
})
export type KeptPlan = z.infer<typeof KeptPlan>
