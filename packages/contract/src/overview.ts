import { z } from 'zod'
import { Deployment } from './deployment.ts'
import { DeploymentId, HostName, Name, Timestamp, Version } from './primitives.ts'

/** A hold on all deployments of an application in an environment. */
export const ApplicationLock = z.object({
  application: Name,
  environment: Name,
  reason: z.string(),
  by: z.string(),
  at: Timestamp,
})
export type ApplicationLock = z.infer<typeof ApplicationLock>

/** An application in one of its environments: what should run there, and how it differs. */
export const OverviewPlace = z.object({
  application: Name,
  environment: Name,
  team: Name.optional(),
  cluster: Name.optional(),
  version: Version.optional().meta({
    description: 'The version last deployed to all hosts; absent before the first deployment that succeeded.',
  }),
  deployment: DeploymentId.optional().meta({ description: 'The deployment that deployed this version.' }),
  since: Timestamp.optional(),
  versions: z
    .array(z.object({ version: Version.optional(), hosts: z.int() }))
    .meta({ description: 'How many hosts run each version, most first; without a version where nothing is known.' }),
  drifted: z.array(HostName).meta({
    description: 'Hosts that do not run what they should, other than those that a deployment is changing.',
  }),
  outOfRotation: z.array(HostName).meta({
    description: 'Hosts that a deployment left out of rotation, or not as they were before.',
  }),
  lock: ApplicationLock.optional(),
  ongoing: z.array(DeploymentId).meta({ description: 'Deployments that have not ended, newest first.' }),
  failure: z
    .object({
      deployment: DeploymentId,
      version: Version,
      failed: z.int().meta({ description: 'Hosts that failed or were unreachable.' }),
      hosts: z.int().meta({ description: 'Hosts of its plan; 0 where it failed before its plan.' }),
    })
    .optional()
    .meta({
      description: 'The newest deployment that failed there, whoever requested it, until a newer one has its machines.',
    }),
  promotions: z
    .array(z.object({ from: Name, version: Version }))
    .meta({ description: 'Versions deployed to another environment later than what should run here, latest first.' }),
})
export type OverviewPlace = z.infer<typeof OverviewPlace>

/**
 * Why a deployment waits for the caller: approval: the caller may give one that a gate waits for · decision: hosts have failed, and the
 * caller may decide what follows · paused: the caller has paused it · failure: the caller's own deployment failed, and is the latest
 * of its environment.
 */
export const Need = z.enum(['approval', 'decision', 'paused', 'failure'])
export type Need = z.infer<typeof Need>

/** What needs the caller, what is in progress, and what runs where, as far as the caller may see it. */
export const Overview = z.object({
  needs: z.array(z.object({ need: Need, deployment: Deployment })),
  ongoing: z.array(Deployment).meta({ description: 'Deployments that have not ended, newest first.' }),
  places: z.array(OverviewPlace).meta({ description: 'By application, then as its definition lists environments.' }),
})
export type Overview = z.infer<typeof Overview>
