import { z } from 'zod'
import { NamePattern, Role } from './grant.ts'
import { CommandLine, Concurrency, Quantity } from './primitives.ts'

/** A path of settings: `concurrency`, `rollout.maxFailures`. It stands for all that is below it too. */
const SettingPath = z.string().regex(/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/, {
  error: ({ input }) => `${JSON.stringify(input)} is not a setting, such as "rollout.maxFailures"`,
})

const patterns = z.array(NamePattern).min(1).max(100)

const time = '(?:[01]\\d|2[0-3]):[0-5]\\d'
const weekly = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${time}$`)
const dated = new RegExp(`^\\d{4}-\\d{2}-\\d{2} ${time}$`)

/** A moment of every week, or of one day, by the clocks of a time zone. */
const LocalMoment = z.string().refine((text) => weekly.test(text) || isDate(text), {
  error: ({ input }) => `${JSON.stringify(input)} is not a moment such as "Fri 16:00" or "2026-12-20 00:00"`,
})

function isDate(text: string): boolean {
  const [day = ''] = text.split(' ')
  // A day that does not exist becomes another one, or none.
  return dated.test(text) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== undefined
  } catch {
    return false
  }
}

/** A time in which nothing is deployed: each week, or once. */
export const Freeze = z
  .strictObject({
    from: LocalMoment.meta({
      description: 'The beginning: a moment of the week, or of one day.',
      examples: ['Fri 16:00', '2026-12-20 00:00'],
    }),
    to: LocalMoment.meta({ description: 'The end, in the same form.', examples: ['Mon 07:00', '2027-01-02 00:00'] }),
    timeZone: z
      .string()
      .refine(isTimeZone, {
        error: ({ input }) => `${JSON.stringify(input)} is not a time zone such as "Europe/Berlin"`,
      })
      .meta({ description: 'The time zone of both moments.', examples: ['Europe/Berlin'] }),
    reason: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'Shown to people whose deployment it refuses.', examples: ['weekend'] }),
  })
  .refine(({ from, to }) => weekly.test(from) === weekly.test(to), {
    error: 'is of another kind than `from`: give two moments of the week, or two dates',
    path: ['to'],
  })
  .refine(({ from, to }) => (weekly.test(from) ? from !== to : from < to), {
    error: 'is not after `from`',
    path: ['to'],
  })
export type Freeze = z.infer<typeof Freeze>

/** Approval that a deployment must have. */
export const RequiredApproval = z.strictObject({
  afterHosts: Quantity.meta({ description: 'How many hosts may have the version before: 0 for none.' }),
  people: z.int().min(1).max(10).default(1).meta({ description: 'How many people must approve.' }),
})
export type RequiredApproval = z.infer<typeof RequiredApproval>

/** What every deployment to a protected environment keeps, whatever its definition and request say. */
const floors = {
  environments: patterns.meta({ description: 'The protected environments.', examples: [['production']] }),
  maxConcurrency: Concurrency.optional().meta({ description: 'The most hosts in flight at once.' }),
  maxFailures: Quantity.optional().meta({ description: 'The most failures that a deployment may tolerate.' }),
  minHealthy: Quantity.optional().meta({ description: 'The fewest servers that every backend keeps in service.' }),
  approvals: z
    .array(RequiredApproval)
    .max(10)
    .default([])
    .meta({ description: 'Approvals that every deployment needs.' }),
  approveOwn: z.boolean().default(false).meta({
    description: 'Whether people may approve their own deployments.',
  }),
  freezes: z.array(Freeze).max(100).default([]).meta({ description: 'Times in which nothing is deployed.' }),
}

/** The rules of a cluster's workers for environments. */
export const ClusterProtection = z.strictObject(floors)
export type ClusterProtection = z.infer<typeof ClusterProtection>

/** An admin's rules for environments that no request and no definition can replace. */
export const Protection = z.strictObject({
  ...floors,
  clusters: patterns
    .optional()
    .meta({ description: 'Where the rule applies. Default: in all clusters.', examples: [['eu']] }),
  mayChange: z
    .array(SettingPath)
    .max(100)
    .default([])
    .meta({
      description: 'Settings that a request may change, besides version, reason and a part of the hosts.',
      examples: [['concurrency', 'rollout.maxFailures']],
    }),
  unlock: z.array(Role).max(5).optional().meta({
    description: 'The roles that may lift the lock of another; operator and admin by default.',
  }),
})
export type Protection = z.infer<typeof Protection>

/** A folder on hosts, or a pattern in which `*` stands for any characters: `/srv/payments`, `/srv/team-core/*`. */
const PathPattern = z.string().regex(/^\/[A-Za-z0-9_.@+{}*/-]{0,254}$/, {
  error: ({ input }) => `${JSON.stringify(input)} is not an absolute path, nor a pattern such as "/srv/core-*"`,
})

/** What a cluster's workers carry out. A part that is left out accepts everything; of the parts that are given, all must match. */
export const Acceptance = z.strictObject({
  applications: patterns.optional().meta({ description: 'Applications by name. Default: all.' }),
  teams: patterns.optional().meta({ description: 'Teams of the applications. Default: all.', examples: [['core']] }),
  environments: patterns.optional().meta({ description: 'Environments. Default: all.', examples: [['production']] }),
  users: patterns.optional().meta({ description: 'Who may have asked for the deployment.' }),
  directories: z
    .array(PathPattern)
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Where releases may be put.', examples: [['/srv/*']] }),
  commands: z.array(CommandLine).min(1).max(1000).optional().meta({
    description:
      'Command lines that may run on hosts, and what workers may do for tasks: `program NAME`, `POST URL`. `*` stands for letters, digits and `_ . : @ = + -`, so for nothing that ends a command.',
  }),
})
export type Acceptance = z.infer<typeof Acceptance>
