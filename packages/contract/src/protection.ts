import { z } from 'zod'
import { NamePattern } from './grant.ts'

/** A path of settings: `concurrency`, `rollout.maxFailures`. It stands for all that is below it too. */
const SettingPath = z.string().regex(/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/, {
  error: ({ input }) => `${JSON.stringify(input)} is not a setting, such as "rollout.maxFailures"`,
})

const patterns = z.array(NamePattern).min(1).max(100)

/** An admin's rule for environments that no request can replace. */
export const Protection = z.strictObject({
  environments: patterns,
  clusters: patterns.optional(),
  mayChange: z.array(SettingPath).max(100).default([]).meta({
    description: 'Settings that a request may change. Version, reason and some of the hosts it may always choose.',
  }),
  approveOwn: z.boolean().default(false).meta({
    description: 'Whether someone may approve a deployment that they asked for.',
  }),
})
export type Protection = z.infer<typeof Protection>
