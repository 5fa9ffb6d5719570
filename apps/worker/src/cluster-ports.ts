import { createChangesets } from '@vesemir/machines/changeset'
import { createInventory, pinMachines } from '@vesemir/machines/inventory'
import { createLoadBalancers } from '@vesemir/machines/load-balancer'
import { createRecipients, type Recipients } from '@vesemir/machines/notification'
import { createSecrets } from '@vesemir/machines/secret'
import { createServiceManagers } from '@vesemir/machines/service-manager'
import { createWorkerTasks } from '@vesemir/machines/task'
import { createSsh, type SshShell } from '@vesemir/machines/remote-shell'
import type { Clock, HostPorts, RolloutPorts } from '@vesemir/core'
import type { Masker } from '@vesemir/process/masking'
import type { ClusterConfig } from './config.ts'

/** How the machines of one cluster are found, reached and changed. Closing the load balancer ends its connections. */
export interface ClusterPorts
  extends Pick<HostPorts, 'changesets' | 'secrets' | 'serviceManagers'>, Pick<RolloutPorts, 'inventory' | 'tasks'> {
  remoteShell: SshShell
  loadBalancer: HostPorts['loadBalancer'] & AsyncDisposable
  /** Those who may be told of deployments. */
  recipients: Recipients
}

/** What a cluster's adapters need of the process. */
interface ClusterDeps {
  /** The cluster's name. */
  cluster: string
  clock: Clock
  env: NodeJS.ProcessEnv
  /** Takes secrets out of all that the process writes. */
  masker: Masker
  /** Makes a keyed digest of a text that is at a place; absent where workers share no key. */
  digest: ((place: string, text: string) => string) | undefined
  /** Returns a remote shell that tells of its connections. */
  observeShell: (shell: SshShell) => SshShell
}

/**
 * Builds the adapters that a cluster's settings name. They connect when they are first used.
 * @throws {VesemirError} `CONFIG_INVALID` when a private key cannot be read, or a secret is missing
 */
export function createClusterPorts(config: ClusterConfig, deps: ClusterDeps): ClusterPorts {
  const { clock, env, masker, digest, observeShell } = deps
  const { user, port, namedJumpHosts = {} } = config.remoteShell
  const ssh = { user, port, jumpHosts: Object.keys(namedJumpHosts) }
  const secrets = createSecrets(config.secrets, { env, clock, masker, digest })
  const remoteShell = observeShell(createSsh(config.remoteShell, deps))
  return {
    remoteShell,
    loadBalancer: createLoadBalancers(config.loadBalancers, {
      remoteShell: remoteShell.for({ name: 'load-balancer' }),
      clock,
    }),
    changesets: createChangesets(config.changesets, { env }),
    secrets,
    serviceManagers: createServiceManagers(),
    tasks: createWorkerTasks(config.tasks, { ...deps, allowed: config.changesets.artifact.allow }),
    inventory: pinMachines(createInventory(config.inventory, { ssh, clock, env }), config.machines),
    recipients: createRecipients(config.notifications, { clock, env, secrets }),
  }
}
