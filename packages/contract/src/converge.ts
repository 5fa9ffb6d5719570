import { z } from 'zod'
import { HostsBehind } from './plan.ts'
import { DeploymentId, HostName, Name, Version } from './primitives.ts'

/** Asks that an application's hosts, or one of them, be brought up to what should run in an environment. */
export const ConvergeRequest = z.strictObject({
  environment: Name,
  host: HostName.optional().meta({
    description: 'Only this host, as the inventory names it. Default: all that are behind.',
  }),
  reason: z.string().max(500).optional(),
  dryRun: z.boolean().default(false).meta({ description: 'Whether only to find out which hosts are behind.' }),
})
export type ConvergeRequest = z.infer<typeof ConvergeRequest>

/** What should run, which hosts are behind, and the deployment that brings it to them. */
export const Convergence = z.object({
  version: Version.meta({ description: 'The version that should run.' }),
  since: DeploymentId.meta({ description: 'The deployment that made it so.' }),
  only: HostsBehind.optional().meta({
    description: 'As the hosts said; absent where a queued deployment will ask them.',
  }),
  id: DeploymentId.optional().meta({
    description:
      'The deployment to the hosts that are behind; absent where none is, or of a dry run. Who asks again before it has ended gets the same.',
  }),
})
export type Convergence = z.infer<typeof Convergence>
