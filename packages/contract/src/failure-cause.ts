import { z } from 'zod'
import { StepName } from './deployment.ts'
import { HostName } from './primitives.ts'
import { Failure } from './problem.ts'

/** Hosts of a deployment that failed in the same step for the same reason. */
export const FailureCause = z.object({
  status: z.enum(['failed', 'unreachable', 'skipped']),
  step: StepName.optional().meta({ description: 'The step that failed; absent where none had begun.' }),
  code: z.string(),
  reason: z
    .string()
    .meta({ description: 'What the messages share: numbers, names, addresses and hashes are replaced.' }),
  hosts: z.array(HostName),
  sample: z.object({ host: HostName, failure: Failure }).meta({ description: 'One of the hosts, and why it failed.' }),
  isBeingRetried: z
    .literal(true)
    .optional()
    .meta({ description: "The hosts' last attempt failed so; the next has not ended." }),
})
export type FailureCause = z.infer<typeof FailureCause>

/** `GET /v1/deployments/:id/failures`: why hosts failed. */
export const FailureList = z.object({
  causes: z.array(FailureCause).meta({ description: 'Most hosts first; skipped hosts and those being retried last.' }),
})
export type FailureList = z.infer<typeof FailureList>
