import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { ChangesetsOptions } from '@vesemir/adapters/changeset'
import { InventoryOptions } from '@vesemir/adapters/inventory'
import { LoadBalancersOptions } from '@vesemir/adapters/load-balancer'
import { RecipientsOptions } from '@vesemir/adapters/notification'
import { RemoteShellOptions } from '@vesemir/adapters/remote-shell'
import { Name } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { parse } from 'yaml'
import { z } from 'zod'

/** How one cluster's machines are found and reached. */
const ClusterConfig = z.strictObject({
  inventory: InventoryOptions,
  remoteShell: RemoteShellOptions,
  loadBalancers: LoadBalancersOptions.prefault({}),
  changesets: ChangesetsOptions.prefault({}),
  notifications: RecipientsOptions.default({}),
})
export type ClusterConfig = z.infer<typeof ClusterConfig>

/** How long the records of deployments that have ended are kept: see `Retention`. */
const RetentionConfig = z.strictObject({
  keepDays: z.number().min(0).max(36_500).default(90),
  keepLast: z.int().min(1).max(10_000).default(20),
})

const WorkerConfig = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .default(() => `${hostname()}-${process.pid}`),
  redis: z.url({ protocol: /^rediss?$/ }).default('redis://127.0.0.1:6379'),
  prefix: Name.default('vesemir'),
  deploymentsAtOnce: z.int().min(1).max(1000).default(20),
  retention: RetentionConfig.prefault({}),
  hostsAtOnce: z.int().min(1).max(1000).default(50),
  clusters: z.record(Name, ClusterConfig).refine((clusters) => Object.keys(clusters).length > 0, {
    error: 'name at least one cluster',
  }),
})
export type WorkerConfig = z.infer<typeof WorkerConfig>

/**
 * Reads the worker's settings: the YAML file that VESEMIR_WORKER_CONFIG names, and VESEMIR_REDIS_URL over its `redis`.
 * @throws {VesemirError} `CONFIG_INVALID` with the name of each wrong setting
 */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<WorkerConfig> {
  const path = env.VESEMIR_WORKER_CONFIG
  if (!path) throw new VesemirError('CONFIG_INVALID', 'VESEMIR_WORKER_CONFIG must name the worker’s settings file')
  const redis = env.VESEMIR_REDIS_URL ? { redis: env.VESEMIR_REDIS_URL } : {}
  const config = WorkerConfig.safeParse({ ...(await readYaml(path)), ...redis })
  if (!config.success) throw new VesemirError('CONFIG_INVALID', `${path}:\n${z.prettifyError(config.error)}`)
  return config.data
}

async function readYaml(path: string): Promise<object> {
  try {
    const settings: unknown = parse(await readFile(path, 'utf8'))
    return settings as object
  } catch (cause) {
    throw new VesemirError('CONFIG_INVALID', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}
