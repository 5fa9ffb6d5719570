import { hostname } from 'node:os'
import { ChangesetsOptions } from '@vesemir/machines/changeset'
import { InventoryOptions, MachinePins } from '@vesemir/machines/inventory'
import { LoadBalancersOptions } from '@vesemir/machines/load-balancer'
import { RecipientsOptions } from '@vesemir/machines/notification'
import { RemoteShellOptions } from '@vesemir/machines/remote-shell'
import { SecretsOptions } from '@vesemir/machines/secret'
import { Acceptance, ClusterProtection, Duration, Name } from '@vesemir/contract'
import { keySettings, KeySource } from '@vesemir/process/keys'
import { LogLevel, readSettings, RedisUrl } from '@vesemir/process/settings'
import { RedisTls } from '@vesemir/process/tls'
import { z } from 'zod'

/** How one cluster's machines are found and reached. */
const ClusterConfig = z
  .strictObject({
    inventory: InventoryOptions,
    remoteShell: RemoteShellOptions,
    loadBalancers: LoadBalancersOptions.prefault({}),
    changesets: ChangesetsOptions.prefault({}),
    notifications: RecipientsOptions.default({}),
    secrets: SecretsOptions.default({}),
    /** What the inventory is believed about; everything without it. */
    machines: MachinePins.prefault({}),
    /** What the cluster's workers carry out; everything without it. */
    accept: z.array(Acceptance).min(1).max(1000).optional(),
    protections: z.array(ClusterProtection).max(100).default([]),
  })
  .superRefine(({ inventory, machines }, context) => {
    if (inventory.kind !== 'chef') return
    const message = "Chef's nodes write what would be their groups themselves: pin names or addresses"
    for (const part of ['hosts', 'boxes'] as const)
      if (machines[part]?.groups) context.addIssue({ code: 'custom', path: ['machines', part, 'groups'], message })
  })
export type ClusterConfig = z.infer<typeof ClusterConfig>

/** How long the records of deployments that have ended are kept: see `Retention`. */
const RetentionConfig = z.strictObject({
  keepDays: z.number().min(0).max(36_500).default(90),
  keepLast: z.int().min(1).max(10_000).default(20),
})

/** By which keys the worker knows what the API asks for, and what other workers wrote. */
const OrdersConfig = z.strictObject({
  publicKeys: z.array(KeySource).min(1),
  recordKeys: z.array(KeySource).min(1),
  maxAge: Duration.default('24h'),
})

const WorkerConfig = z.strictObject({
  name: Name.default(() => `${hostname()}-${process.pid}`),
  redis: RedisUrl,
  redisTls: RedisTls.optional(),
  prefix: Name.default('vesemir'),
  orders: z.union([z.literal('unsigned'), OrdersConfig], {
    error:
      'is needed: make keys with "vesemir keys make" and name them, or say unsigned to believe whoever writes to Redis',
  }),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'The address of the web page, for links in notices.' }),
  maxConcurrentDeployments: z.int().min(1).max(1000).default(20),
  retention: RetentionConfig.prefault({}),
  maxConcurrentHosts: z.int().min(1).max(1000).default(50),
  clusters: z.record(Name, ClusterConfig).refine((clusters) => Object.keys(clusters).length > 0, {
    error: 'name at least one cluster',
  }),
  logLevel: LogLevel,
})
export type WorkerConfig = z.infer<typeof WorkerConfig>

/**
 * Reads the worker's settings: the YAML file that VESEMIR_WORKER_CONFIG names, and over it VESEMIR_REDIS_URL and VESEMIR_KEYS, a
 * folder of `makeKeys`.
 * @throws {VesemirError} `CONFIG_INVALID` with the name of each wrong setting
 */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<WorkerConfig> {
  const variables = {
    VESEMIR_REDIS_URL: { setting: 'redis' },
    VESEMIR_KEYS: { setting: 'orders', read: (folder: string) => keySettings(folder).worker },
  }
  return readSettings({ schema: WorkerConfig, env, file: 'VESEMIR_WORKER_CONFIG', variables })
}
