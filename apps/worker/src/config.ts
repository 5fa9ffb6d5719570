import { hostname } from 'node:os'
import { ChangesetsOptions } from '@vesemir/machines/changeset'
import { InventoryOptions, MachinePins } from '@vesemir/machines/inventory'
import { LoadBalancersOptions } from '@vesemir/machines/load-balancer'
import { RecipientsOptions } from '@vesemir/machines/notification'
import { RemoteShellOptions } from '@vesemir/machines/remote-shell'
import { SecretsOptions } from '@vesemir/machines/secret'
import { TasksOptions } from '@vesemir/machines/task'
import { Acceptance, ClusterProtection, Duration, Name } from '@vesemir/contract'
import { keySettings, KeySource } from '@vesemir/process/keys'
import { MetricsSettings } from '@vesemir/process/monitoring'
import { LogLevel, readSettings, type EnvironmentVariable } from '@vesemir/process/settings'
import { RedisTls } from '@vesemir/process/tls'
import { ArchiveSettings } from '@vesemir/store/archive'
import { RedisSettings, redisVariables } from '@vesemir/store/redis'
import { z } from 'zod'

/** How one cluster's machines are found and reached. */
const ClusterConfig = z
  .strictObject({
    inventory: InventoryOptions.meta({ description: 'Where the machines are known.' }),
    remoteShell: RemoteShellOptions.meta({ description: 'How machines are reached.' }),
    loadBalancers: LoadBalancersOptions.prefault({}).meta({ description: 'How load balancers are reached.' }),
    changesets: ChangesetsOptions.prefault({}).meta({ description: 'Limits and sources of what is deployed.' }),
    notifications: RecipientsOptions.default({}).meta({
      description: 'Recipients of notices, by the name that applications use.',
    }),
    tasks: TasksOptions.default({}).meta({
      description: 'Programs on the worker that tasks of applications may run, by the name that they use.',
    }),
    secrets: SecretsOptions.default({}).meta({ description: 'Secrets by the name that applications use.' }),
    machines: MachinePins.prefault({}).meta({ description: 'Machines that the inventory may return. Default: all.' }),
    accept: z
      .array(Acceptance)
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'Deployments that the workers carry out. Default: all.' }),
    protections: z
      .array(ClusterProtection)
      .max(100)
      .default([])
      .meta({ description: 'Rules for environments that the workers check themselves.' }),
  })
  .superRefine(({ inventory, machines }, context) => {
    if (inventory.kind !== 'chef') return
    const message = "Chef's nodes write what would be their groups themselves: pin names or addresses"
    for (const part of ['hosts', 'boxes'] as const)
      if (machines[part]?.groups) context.addIssue({ code: 'custom', path: ['machines', part, 'groups'], message })
  })
export type ClusterConfig = z.infer<typeof ClusterConfig>

/** How long the records of deployments that have ended are kept: see `Retention`. */
const RetentionConfig = z
  .strictObject({
    keepDays: z
      .number()
      .min(0)
      .max(36_500)
      .default(90)
      .meta({ description: 'Days to keep a deployment after its end.' }),
    keepLast: z
      .int()
      .min(1)
      .max(10_000)
      .default(20)
      .meta({ description: 'Deployments to keep of each application and environment, however old.' }),
    keepAtMost: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .meta({
        description:
          'Deployments to keep of each application and environment at most, however young. Default: any number.',
        examples: [500],
      }),
    maxBytes: z
      .int()
      .min(1_000_000)
      .optional()
      .meta({
        description:
          'Memory of Redis that deployments of the clusters of this worker may take; the oldest are removed first. Default: any.',
        examples: [4_000_000_000],
      }),
  })
  .superRefine(({ keepLast, keepAtMost }, context) => {
    if (keepAtMost === undefined || keepAtMost >= keepLast) return
    const message = `is less than keepLast, which is ${keepLast}: raise one, or lower the other`
    context.addIssue({ code: 'custom', path: ['keepAtMost'], message })
  })

/** By which keys the worker knows what the API asks for, and what other workers wrote. */
const OrdersConfig = z.strictObject({
  publicKeys: z
    .array(KeySource)
    .min(1)
    .meta({
      description: 'Public keys of the API processes whose orders are carried out.',
      examples: [['/etc/vesemir/keys/orders.pub']],
    }),
  recordKeys: z
    .array(KeySource)
    .min(1)
    .meta({
      description: 'Keys that workers share: the first signs what they keep for each other, all are accepted.',
      examples: [['/etc/vesemir/keys/record.key']],
    }),
  maxAge: Duration.default('24h').meta({ description: 'The greatest age of an order.' }),
})

/** The worker's settings, as `readConfig` checks them. */
export const WorkerConfig = z
  .strictObject({
    name: Name.optional().meta({
      description:
        'The name of the worker in records, logs and `vesemir workers`. Default: the host name and the process id.',
      examples: ['worker-1'],
    }),
    redis: RedisSettings,
    redisTls: RedisTls.optional().meta({
      description:
        'TLS to Redis, for a `rediss:` address; and with `sentinels`, where `{}` trusts the authorities of Node.js.',
    }),
    redisReplicas: z
      .strictObject({
        count: z
          .int()
          .min(1)
          .max(10)
          .meta({ description: 'Replicas that must have it.', examples: [1] }),
        timeout: Duration.default('5s').meta({
          description:
            'How long that may take. Then the host fails, in rotation; or the task, before it has done anything.',
        }),
      })
      .optional()
      .meta({
        description:
          'Replicas of Redis that must know which servers are taken out, before they are, and which task runs, before it does. Default: none.',
      }),
    prefix: Name.default('vesemir').meta({
      description: 'The first part of every key in Redis. All processes of an installation have the same.',
    }),
    orders: z
      .union([z.literal('unsigned'), OrdersConfig], {
        error:
          'is needed: make keys with "vesemir keys make" and name them, or say unsigned to believe whoever writes to Redis',
      })
      .meta({
        description:
          'The keys of signed orders (`vesemir keys make`), or `unsigned`: then whoever writes to Redis can start deployments.',
      }),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({
        description: 'The address of the web page, for links in notices.',
        examples: ['https://vesemir.example'],
      }),
    maxConcurrentDeployments: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .meta({ description: 'Deployments in progress in this worker, in each cluster.' }),
    retention: RetentionConfig.prefault({}).meta({ description: 'How long records of ended deployments are kept.' }),
    archive: ArchiveSettings.optional().meta({
      description: 'Where deployments are archived before they are removed. Default: nowhere.',
    }),
    maxConcurrentHosts: z
      .int()
      .min(1)
      .max(1000)
      .default(50)
      .meta({ description: 'Hosts in progress in this worker, in each cluster.' }),
    clusters: z
      .record(Name, ClusterConfig)
      .refine((clusters) => Object.keys(clusters).length > 0, {
        error: 'name at least one cluster',
      })
      .meta({ description: 'Networks whose machines this worker reaches, by the name that applications use.' }),
    logLevel: LogLevel,
    metrics: MetricsSettings.optional().meta({
      description: 'Where it serves /metrics and /healthz. Default: nowhere.',
    }),
  })
  .transform(({ name = `${hostname()}-${process.pid}`, ...config }) => ({ ...config, name }))
export type WorkerConfig = z.infer<typeof WorkerConfig>

/** The environment variables that set a setting, by their names. */
export const environmentVariables: Readonly<Record<string, EnvironmentVariable>> = {
  ...redisVariables,
  VESEMIR_KEYS: { setting: 'orders', read: (folder) => keySettings(folder).worker },
}

/**
 * Reads the worker's settings: the YAML file that VESEMIR_WORKER_CONFIG names, and over it VESEMIR_REDIS_URL and VESEMIR_KEYS, a
 * folder of `makeKeys`.
 * @throws {VesemirError} `CONFIG_INVALID` with the name of each wrong setting
 */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<WorkerConfig> {
  return readSettings({ schema: WorkerConfig, env, file: 'VESEMIR_WORKER_CONFIG', variables: environmentVariables })
}
