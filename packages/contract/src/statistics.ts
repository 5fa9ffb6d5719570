import { z } from 'zod'
import { stepNames } from './step-names.ts'
import { Name, Timestamp } from './primitives.ts'

const count = z.int().min(0)

/** How often times came, by the number of their bucket: each bucket begins a fifth higher than the one before. */
export const Histogram = z.record(z.string().regex(/^\d{1,3}$/), count)
export type Histogram = z.infer<typeof Histogram>

/** How deployments of an application in an environment ended on one day, in UTC. */
export const DayStatistics = z.object({
  succeeded: count,
  failed: count,
  cancelled: count,
  'rolled-back': count,
  leadTimes: Histogram,
  restoreTimes: Histogram,
  steps: z.partialRecord(z.enum(stepNames), Histogram),
})
export type DayStatistics = z.infer<typeof DayStatistics>

export const Percentiles = z.object({
  count: count.meta({ description: 'How many times were measured.' }),
  p50Ms: z.int(),
  p90Ms: z.int(),
})
export type Percentiles = z.infer<typeof Percentiles>

/** What deployments came to in a span of time. */
export const StatisticsSummary = z.object({
  deployments: count.meta({ description: 'Deployments that ended, cancelled ones included.' }),
  succeeded: count,
  failed: count,
  cancelled: count,
  rolledBack: count,
  failureRate: z.number().optional().meta({
    description: 'Failed and rolled-back deployments, as a part of all but cancelled ones; absent without any.',
  }),
  leadTime: Percentiles.optional().meta({
    description: "From the request's `builtAt` to the success; absent where none was given.",
  }),
  restoreTime: Percentiles.optional().meta({
    description: 'From a failed deployment to the next that succeeded or rolled back.',
  }),
  steps: z.partialRecord(z.enum(stepNames), Percentiles).meta({ description: 'Steps of hosts that succeeded.' }),
})
export type StatisticsSummary = z.infer<typeof StatisticsSummary>

export const StatisticsQuery = z.strictObject({
  application: Name.optional(),
  environment: Name.optional(),
  days: z.coerce.number().int().min(1).max(730).default(90).meta({ description: 'Days before now, today included.' }),
})
export type StatisticsQuery = z.infer<typeof StatisticsQuery>

export const StatisticsReport = z.object({
  from: Timestamp,
  to: Timestamp,
  total: StatisticsSummary,
  places: z.array(z.object({ application: Name, environment: Name, ...StatisticsSummary.shape })),
  weeks: z.array(z.object({ from: Timestamp, ...StatisticsSummary.shape })).meta({
    description: 'The same by seven days each, oldest first; the last ends today, the first may be shorter.',
  }),
})
export type StatisticsReport = z.infer<typeof StatisticsReport>
