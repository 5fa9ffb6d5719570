import { z } from 'zod'
import { durationMs, isDuration } from './duration.ts'
import { DeploymentId, Duration, HostName, Name, Timestamp } from './primitives.ts'
import { quoteValue } from './quote-value.ts'

const shortestMs = durationMs('1m')
const longestMs = durationMs('7d')

function isCadence(every: string): boolean {
  if (!isDuration(every)) return true
  const everyMs = durationMs(every)
  return everyMs >= shortestMs && everyMs <= longestMs
}

/** How often the hosts of an environment are asked what they run, and those that are behind get what should run. */
export const ConvergeSchedule = z.strictObject({
  every: Duration.refine(isCadence, {
    error: ({ input }) => `${quoteValue(input)} is not a duration from "1m" to "7d"`,
  }).meta({
    description: 'How often hosts are asked what they run, from 1m to 7d. Those that are behind get what should run.',
    examples: ['15m'],
  }),
})

/** What a round of a schedule came to. `started` until it has ended. */
const RoundOutcome = z.enum(['started', 'nothing-behind', 'deployed', 'skipped'])

/** The last round of a schedule, as the processes of the API keep it for each other. */
export const ConvergeRound = z.object({
  at: Timestamp,
  outcome: RoundOutcome,
  text: z.string().optional(),
  code: z.string().optional(),
  deployment: DeploymentId.optional(),
  /** What should run when hosts were behind last, and which were in the rounds since none was. */
  release: z.string().optional(),
  hosts: z.array(HostName).optional(),
  /** How many rounds in a row found hosts behind that one before them had deployed to. */
  again: z.int().min(0).max(1000).optional(),
})
export type ConvergeRound = z.infer<typeof ConvergeRound>

/** The schedule of an environment, and what its last round came to. */
export const ScheduleView = z.object({
  environment: Name,
  every: Duration,
  by: z.string().optional().meta({
    description:
      'Who registered the application: rounds act in their name, and with their rights. Absent where unknown.',
  }),
  last: z
    .object({
      at: Timestamp,
      outcome: RoundOutcome.meta({ description: 'What it came to; `started` until it has ended.' }),
      text: z.string().optional().meta({ description: 'What it found, or why it was skipped.' }),
      code: z.string().optional().meta({ description: 'The code of the error for which it was skipped.' }),
      deployment: DeploymentId.optional().meta({ description: 'The deployment that it started.' }),
    })
    .optional()
    .meta({ description: 'The last round; absent before the first.' }),
  next: Timestamp.optional().meta({ description: 'When the next round is due; absent before the first.' }),
  again: z.int().optional().meta({
    description:
      'How many rounds in a row found hosts behind again that one before had deployed to: the time to the next doubles with each, up to a day.',
  }),
})
export type ScheduleView = z.infer<typeof ScheduleView>

/** `GET /v1/applications/:name/schedules`. */
export const ScheduleList = z.object({ schedules: z.array(ScheduleView) })
