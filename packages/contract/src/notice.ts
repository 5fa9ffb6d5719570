import { z } from 'zod'
import { Gate } from './deployment.ts'
import { Failure } from './problem.ts'
import { DeploymentId, Name, Timestamp, Version } from './primitives.ts'

const about = {
  id: z
    .string()
    .meta({ description: 'The same each time that this notice is sent, so that a receiver can drop repeats.' }),
  at: Timestamp.meta({ description: 'When the event happened, not when the notice is sent.' }),
  deployment: z.object({
    id: DeploymentId,
    application: Name,
    environment: Name,
    version: Version,
    team: z.string(),
    cluster: z.string(),
    requestedBy: z.string(),
    bySchedule: z.literal(true).optional().meta({
      description: 'Set where the schedule of the environment asked for it, in the name of `requestedBy`.',
    }),
    reason: z.string().optional(),
    url: z.string().optional().meta({ description: "The deployment's page, where the worker's settings have `url`." }),
  }),
}

/**
 * What people outside are told of a deployment: the body of a webhook. Fields and events may be added to it; what is there
 * keeps its name and meaning.
 */
export const Notice = z.discriminatedUnion('event', [
  z.object({ ...about, event: z.literal('started'), hosts: z.int(), waves: z.int() }),
  z.object({ ...about, event: z.literal('gated'), gate: Gate }),
  z.object({
    ...about,
    event: z.literal('ended'),
    outcome: z.enum(['succeeded', 'failed', 'cancelled', 'rolled-back']),
    failure: Failure.optional(),
    note: z.string().optional(),
    durationMs: z.int().meta({ description: 'From the request to the end.' }),
  }),
])
export type Notice = z.infer<typeof Notice>
