import { z } from 'zod'
import { Name } from './primitives.ts'

/**
 * What a grant allows: a viewer reads, an approver also answers gates, a deployer also deploys and steers, an operator also
 * repairs, an admin also changes applications. A converger has single hosts brought up to what should run, and reads nothing.
 */
export const Role = z.enum(['converger', 'viewer', 'approver', 'deployer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>

/** A name, or a pattern of names in which `*` stands for any characters: `payments`, `test-*`, `*`. */
export const NamePattern = z
  .string()
  .regex(/^[A-Za-z0-9_*][A-Za-z0-9_.@*-]{0,99}$/, {
    error: ({ input }) => `${JSON.stringify(input)} is not a name, nor a pattern of names such as "test-*"`,
  })
  .meta({ title: 'name, or pattern of names', examples: ['test-*'] })

const patterns = z.array(NamePattern).min(1).max(100).optional()

/** Where a role holds. A part that is left out holds everywhere; of the parts that are given, all must match. */
export const Grant = z.strictObject({
  role: Role.meta({
    description:
      'What is allowed. A converger only has single hosts brought up to what should run; of the other roles, each may do what those before it may.',
  }),
  applications: patterns.meta({ description: 'Applications by name. Default: all.' }),
  teams: patterns.meta({ description: 'Teams of the applications. Default: all.', examples: [['core']] }),
  environments: patterns.meta({ description: 'Environments. Default: all.', examples: [['production', 'test-*']] }),
  clusters: patterns.meta({ description: 'Clusters. Default: all.', examples: [['eu']] }),
})
export type Grant = z.infer<typeof Grant>

/** A grant of the API's settings, and who has it: a token by name, `user:NAME` or `group:NAME`. */
export const HeldGrant = z.strictObject({ who: z.string().min(1).max(210), ...Grant.shape })
export type HeldGrant = z.infer<typeof HeldGrant>

/** `GET /v1/grants`. */
export const HeldGrantList = z.object({ grants: z.array(HeldGrant) })
export type HeldGrantList = z.infer<typeof HeldGrantList>

/**
 * What someone can be allowed to do.
 *
 * converge: have one host brought up to what should run · read: see an application, its deployments, hosts and locks · plan: ask what a deployment would do · deploy: start one ·
 * steer: pause, resume, cancel, retry, roll back, skip · approve: answer a gate · force: retry or roll back a superseded
 * deployment · override: deploy over a lock · customize: deploy with settings that may reach other machines · lock: hold deployments
 * off, and lift one's own lock · unlock: lift the lock of another · define: register or change an application · inspect: have a worker
 * try what deployments need · repair: put servers back into rotation · drain-workers: stop workers from taking jobs ·
 * retry-job and change-queues: act on the queues themselves · manage-tokens: see and revoke the tokens of others
 */
export const Action = z.enum([
  'converge',
  'read',
  'plan',
  'deploy',
  'steer',
  'approve',
  'force',
  'override',
  'customize',
  'lock',
  'unlock',
  'define',
  'inspect',
  'repair',
  'drain-workers',
  'retry-job',
  'change-queues',
  'manage-tokens',
  'audit',
])
export type Action = z.infer<typeof Action>

/** Whether the caller may do something, and the grant that decides it. */
export const AccessDecision = z.object({
  action: Action,
  application: Name,
  environment: Name,
  isAllowed: z.boolean(),
  grant: Grant.optional().meta({ description: 'The grant that allows the action; absent when none does.' }),
  reason: z.string().meta({ description: 'Why, as a sentence.' }),
})
export type AccessDecision = z.infer<typeof AccessDecision>

export const AccessQuery = z.strictObject({ action: Action, application: Name, environment: Name })
