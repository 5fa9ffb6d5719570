import { stringify } from 'yaml'
import { keySettings } from '@vesemir/process/keys'
import { vesemirKeys, type FleetState } from '../fleet/fleet-state.ts'

export interface WorkerSettings {
  /** The worker's name in records and logs. */
  name: string
  /** Holds the artifacts that workers may read. */
  artifacts: string
  /** Further clusters, as the settings file has them. */
  clusters?: Record<string, unknown>
  /** Settings for SSH of the fleet's cluster, over the usual ones. */
  remoteShell?: object | undefined
  /** Settings for HAProxy of the fleet's cluster, over the usual ones. */
  haproxy?: object | undefined
  /** Other settings of the fleet's cluster, over the usual ones. */
  settings?: object | undefined
  /** How many hosts it walks at once; as many as by default unless given. */
  maxConcurrentHosts?: number
  /** Settings of Redis, in place of the fleet's address. */
  redisSettings?: object | undefined
  /** Where it serves its metrics and health, on 127.0.0.1. */
  metricsPort?: number | undefined
  /** The folder with the installed packages to run, in place of this workspace's code. */
  installed?: string
}

/** The name of the fleet's cluster. */
export const cluster = 'local'

/** Writes a worker's settings file for a fleet: how its machines are found, reached and changed. */
export function workerSettings(fleet: FleetState, options: WorkerSettings): string {
  const { name, artifacts, clusters, remoteShell, haproxy, maxConcurrentHosts, metricsPort, redisSettings } = options
  const settings = { ...clusterSettings(fleet, artifacts), ...options.settings }
  return stringify({
    name,
    redis: fleet.redisUrl,
    ...redisSettings,
    ...(maxConcurrentHosts === undefined ? {} : { maxConcurrentHosts }),
    ...(metricsPort === undefined ? {} : { metrics: { port: metricsPort } }),
    orders: keySettings(vesemirKeys(fleet)).worker,
    clusters: {
      [cluster]: {
        ...settings,
        remoteShell: { ...settings.remoteShell, ...remoteShell },
        loadBalancers: { haproxy: { ...settings.loadBalancers.haproxy, ...haproxy } },
      },
      ...clusters,
    },
  })
}

/** How the fleet's machines are found and reached. */
export function clusterSettings({ chef, ssh, socketTemplate }: FleetState, artifacts: string) {
  return {
    inventory: { kind: 'chef', credentialsFile: chef.credentialsFile },
    remoteShell: { kind: 'ssh', user: ssh.user, port: ssh.port, privateKey: ssh.keyPath },
    loadBalancers: { haproxy: { socket: socketTemplate } },
    changesets: { artifact: { folders: [artifacts] } },
  }
}
