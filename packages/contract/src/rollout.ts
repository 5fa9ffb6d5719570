import { z } from 'zod'
import { CommandLine, Concurrency, Duration, Quantity } from './primitives.ts'
import { Environment } from './secret.ts'

/**
 * How many hosts are in flight at once: one number or percentage for all of them, or a list of waves (Ansible's `serial`):
 * each wave ends before the next begins, and the last size repeats until every host has had its turn.
 */
export const Pace = z.union([Concurrency, z.array(Concurrency).min(1).max(100)]).meta({
  title: 'number of hosts, percentage, or list of these',
  description: 'Hosts in progress at a time, or the sizes of waves: [1, "10%", "50%"].',
  examples: ['25%', [1, '10%', '50%']],
})
export type Pace = z.infer<typeof Pace>

/** In which order hosts have their turn. By zone, one zone ends before the next begins. */
export const HostOrder = z
  .strictObject({
    by: z
      .enum(['name', 'zone', 'shuffle'])
      .default('name')
      .meta({ description: 'By name, zone after zone, or in random order.' }),
    seed: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .meta({
        description: 'Makes a shuffle repeatable. Default: the deployment’s id.',
        examples: ['42'],
      }),
  })
  .refine(({ by, seed }) => by === 'shuffle' || seed === undefined, {
    error: 'seed needs order: shuffle',
    path: ['seed'],
  })
export type HostOrder = z.infer<typeof HostOrder>

/** A stop between two waves or before the first, for a time or until people approve. */
export const GateSettings = z
  .strictObject({
    afterWave: z.int().min(0).max(1000).default(1).meta({ description: '0 stops before the first host.' }),
    wait: z.union([z.literal('approval'), Duration]).meta({
      title: 'approval, or duration',
      description: '`approval` waits for people, a duration for time.',
      examples: ['approval', '10m'],
    }),
    approvals: z.int().min(1).max(10).default(1).meta({ description: 'How many people must approve.' }),
    timeout: Duration.default('24h').meta({
      description: 'How long approval may take; after that the deployment fails.',
    }),
  })
  .refine(({ wait, approvals }) => wait === 'approval' || approvals === 1, {
    error: 'needs wait: approval',
    path: ['approvals'],
  })
export type GateSettings = z.infer<typeof GateSettings>

/** What is done about hosts that fail: start no more, put every touched host back, or ask a person. */
export const OnFailure = z.enum(['stop', 'rollback', 'ask'])

/** How a deployment goes through its hosts. */
export const RolloutSettings = z.strictObject({
  order: HostOrder.prefault({}).meta({ description: 'In which order hosts are deployed to.' }),
  maxFailures: Quantity.default(0).meta({
    description: 'Failed and unreachable hosts to tolerate. With one more, no other host starts.',
  }),
  gates: z.array(GateSettings).max(100).default([]).meta({
    description: 'Stops between waves. Of several after the same wave, the one that needs the most approvals counts.',
  }),
  onFailure: OnFailure.default('stop').meta({
    description: 'When too many hosts fail: start no more, roll back every changed host, or ask a person.',
  }),
  askTimeout: Duration.default('1h').meta({
    description: 'How long a person may take to decide; after that askDefault applies.',
  }),
  askDefault: z
    .enum(['stop', 'skip', 'rollback'])
    .default('stop')
    .meta({ description: 'What happens when nobody decides in time.' }),
})
export type RolloutSettings = z.infer<typeof RolloutSettings>

const hooks = z.array(CommandLine).max(20).default([])

/** Commands run on the host at the edges of its steps, with VESEMIR_* in their environment. */
export const Hooks = z.strictObject({
  beforeDrain: hooks.meta({ description: 'Commands before the step drain.' }),
  afterDrain: hooks.meta({ description: 'Commands after the step drain.' }),
  beforeDeploy: hooks.meta({ description: 'Commands before the step deploy.' }),
  afterDeploy: hooks.meta({ description: 'Commands after the step deploy.' }),
  beforeRestart: hooks.meta({ description: 'Commands before the step restart.' }),
  afterRestart: hooks.meta({ description: 'Commands after the step restart.' }),
  beforeEnable: hooks.meta({ description: 'Commands before the step enable.' }),
  afterEnable: hooks.meta({ description: 'Commands after the step enable.' }),
  environment: Environment.optional().meta({
    description: 'Variables of the commands, such as {TOKEN: {secret: NAME}}.',
  }),
  timeout: Duration.default('60s').meta({ description: 'Limit of each command.' }),
})
export type Hooks = z.infer<typeof Hooks>

/** The name under which a cluster's settings have whom to tell, and how. */
export const RecipientName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/)

/** Who is told when a deployment starts, stops at a gate, or ends. */
export const Notification = z.strictObject({
  to: RecipientName.meta({
    description: 'The name of a recipient in the worker’s settings.',
    examples: ['ops'],
  }),
  on: z
    .array(z.enum(['started', 'gated', 'ended']))
    .min(1)
    .default(['started', 'gated', 'ended'])
    .meta({ description: 'Which events are sent.' }),
})
export type Notification = z.infer<typeof Notification>
