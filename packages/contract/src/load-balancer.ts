import { z } from 'zod'
import { Duration, HaproxyName, HostName, Name, Percent, Quantity } from './primitives.ts'

/** Which machines run HAProxy: everything given must hold, as the inventory knows it. */
export const BoxSelection = z
  .strictObject({
    names: z.array(HostName).min(1).max(50).optional().meta({ description: 'The boxes by name.' }),
    tags: z
      .array(Name)
      .min(1)
      .max(20)
      .optional()
      .meta({ description: 'Tags that a box must all have.', examples: [['lb']] }),
    environment: Name.optional().meta({
      description: "The boxes' environment. Default: the application's.",
      examples: ['shared'],
    }),
    role: Name.optional().meta({ description: 'A Chef role of the boxes.', examples: ['loadbalancer'] }),
    cookbook: Name.optional().meta({ description: 'A Chef cookbook of the boxes.', examples: ['haproxy'] }),
    recipe: Name.optional().meta({
      description: 'A recipe of the cookbook. Default: any recipe.',
      examples: ['lb'],
    }),
  })
  .refine((boxes) => boxes.names ?? boxes.tags ?? boxes.role ?? boxes.cookbook, {
    error: 'name the boxes by names, tags, a role or a cookbook',
  })
  .refine((boxes) => !boxes.recipe || boxes.cookbook, { error: 'a recipe needs its cookbook', path: ['recipe'] })
export type BoxSelection = z.infer<typeof BoxSelection>

/** What becomes of a host whose sessions do not end: give up and restore it, go on all the same, or cut the sessions. */
export const DrainPolicy = z.enum(['abort', 'proceed', 'cut'])

/** By what a restarted host is proven: the load balancer's own check, the application's health check from the box, or both. */
export const Proof = z.enum(['check', 'probe', 'both'])
export type Proof = z.infer<typeof Proof>

/** How much worse than its peers a host may do, by the load balancer's own figures. */
const Margins = z.strictObject({
  serverErrors: Percent.optional().meta({
    description: 'Share of requests answered 5xx: percentage points above the peers.',
  }),
  connectionErrors: Percent.optional().meta({
    description: 'Share of requests that failed to connect: percentage points above the peers.',
  }),
  responseTime: z
    .string()
    .regex(/^[1-9]\d{0,3}%$/, { error: ({ input }) => `${JSON.stringify(input)} is not a percentage such as "50%"` })
    .optional()
    .meta({ description: 'Response time above the peers: "50%" is half as long again.', examples: ['50%'] }),
  minRequests: z.int().min(1).max(1_000_000).default(50).meta({
    description: 'Fewer requests than this, of the host or of its peers, are not judged.',
  }),
})
export type Margins = z.infer<typeof Margins>

/** How traffic is taken from a host and given back. */
const Traffic = z.strictObject({
  minHealthy: Quantity.default(1).meta({
    description: 'Servers that must stay in service in every backend, on every box, while a host is drained.',
  }),
  guardTimeout: Duration.default('5m').meta({ description: 'How long a host waits for minHealthy to hold.' }),
  drainTimeout: Duration.default('30s').meta({
    description: 'How long sessions may end by themselves. After that, sticky clients are refused too.',
  }),
  drainDeadline: Duration.default('60s').meta({
    description: 'When onDrainTimeout applies, from the start of the drain.',
  }),
  onDrainTimeout: DrainPolicy.default('abort').meta({
    description: 'When sessions do not end: restore the host, continue, or cut them.',
  }),
  healthyTimeout: Duration.default('60s').meta({
    description: 'How long the load balancer may take to find the host healthy.',
  }),
  // Without a default of its own: older workers would refuse it in every order.
  proof: Proof.optional().meta({
    description:
      "What a host must pass before it gets traffic again: the load balancer's own check, the application's health check asked from the box (`probe`), or both. Default: check.",
  }),
  degradedWeight: Percent.default('50%').meta({ description: 'Percentage of its weight that a host returns with.' }),
  degradationTime: Duration.default('30s').meta({ description: 'How long a host is watched at each reduced weight.' }),
  weights: z.array(Percent).min(1).max(10).optional().meta({
    description: 'Several reduced weights, each for the degradation time, instead of degradedWeight.',
  }),
  maxRegression: Margins.optional().meta({
    description:
      'A watched host fails when it performs worse than the servers of its backend that still run the old version by one of these.',
  }),
})

/** A backend that not every host or box has, or whose minHealthy is another. */
const BackendSettings = z.strictObject({
  name: HaproxyName.meta({ description: 'The name of the backend.' }),
  hosts: z.enum(['all', 'some']).default('all').meta({
    description: 'Whether every host must be in the backend, or only some, such as those of a canary.',
  }),
  boxes: z.enum(['all', 'some']).default('all').meta({
    description: 'Whether a host must be in the backend on every box, or only on some, such as those of its shard.',
  }),
  minHealthy: Quantity.optional().meta({ description: 'Instead of the minHealthy of all backends.' }),
})

function isEachOnce(backends: readonly (string | { name: string })[]): boolean {
  const names = backends.map((backend) => (typeof backend === 'string' ? backend : backend.name))
  return new Set(names).size === names.length
}

/** HAProxy, over SSH to each box's admin socket. */
export const HaproxySettings = z.strictObject({
  kind: z.literal('haproxy'),
  boxes: BoxSelection.meta({ description: 'Which machines run HAProxy: all that is given must match.' }),
  backends: z
    .array(z.union([HaproxyName, BackendSettings]))
    .min(1)
    .max(50)
    .refine(isEachOnce, { error: 'a backend is named twice' })
    .meta({
      description: 'The backends by name: every host must be in each, on every box, unless `hosts` or `boxes` is some.',
    }),
  serverPort: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({
      description: "The application's port: servers at other ports of a host's address are other servers.",
      examples: [8080],
    }),
  otherServers: z.enum(['refuse', 'ignore']).default('refuse').meta({
    description:
      "Servers at a host's address that are in none of `backends` or at another port than `serverPort`: refuse the plan, or let them keep their traffic.",
  }),
  ...Traffic.shape,
})
export type HaproxySettings = z.infer<typeof HaproxySettings>

/** For applications that no load balancer stands before: hosts are restarted as they are. */
export const NoLoadBalancer = z.strictObject({ kind: z.literal('none') })

export const LoadBalancer = z.discriminatedUnion('kind', [HaproxySettings, NoLoadBalancer])
export type LoadBalancer = z.infer<typeof LoadBalancer>
