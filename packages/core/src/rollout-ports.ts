import type { Rules } from './access/rules.ts'
import type { ChangesPorts } from './changes/find-changes.ts'
import type { BehindPorts } from './choose-behind.ts'
import type { Changesets } from './ports/changesets.ts'
import type { Clock } from './ports/clock.ts'
import type { HostJobs } from './ports/host-jobs.ts'
import type { Inventory } from './ports/inventory.ts'
import type { LoadBalancer } from './ports/load-balancer.ts'
import type { Notices } from './ports/notices.ts'
import type { RemoteShell } from './ports/remote-shell.ts'
import type { Secrets } from './ports/secrets.ts'
import type { WorkerTasks } from './ports/worker-tasks.ts'
import type { OnBug } from './report-bug.ts'

/** What the coordinator needs of the world. */
export interface RolloutPorts {
  inventory: Inventory
  loadBalancer: LoadBalancer
  changesets: Changesets
  secrets: Secrets
  hostJobs: HostJobs
  notices: Notices
  /** What the record says of what runs. */
  hostHistory: BehindPorts['hostHistory']
  deployments: BehindPorts['deployments'] & ChangesPorts['deployments']
  /** Whom the worker's settings know, by name. */
  recipients: Pick<ReadonlySet<string>, 'has'>
  remoteShell: RemoteShell
  tasks: WorkerTasks
  /** What this cluster's workers carry out, and what deployments keep there. */
  rules: Rules
  clock: Clock
  onBug: OnBug
}
