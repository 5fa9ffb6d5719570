import type { ApplicationHost, DeploymentRef } from '@vesemir/contract'
import type { WantedRelease } from '../release-report.ts'
import type { ApplicationEnvironment } from './application-environment.ts'

/** Which of an application's hosts to list. */
export interface HostsSelection {
  environment?: string | undefined
  /** The names of the hosts that the inventory has now, by environment; without an entry they are not known. */
  inventory?: ReadonlyMap<string, ReadonlySet<string>>
}

/** What is known of an application's hosts across its deployments. */
export interface HostHistory {
  /** Lists an application's hosts by environment and name: those that something is known of, and those of the inventory. */
  list(application: string, selection?: HostsSelection): Promise<ApplicationHost[]>
  /** Reads what should run in an environment, and the deployment that had its machines last. */
  readWanted(place: ApplicationEnvironment): Promise<{
    wanted: WantedRelease | undefined
    current: DeploymentRef | undefined
  }>
  /** Forgets what ran on a host, and what it alone should run. Returns whether anything was known. */
  forget(place: ApplicationEnvironment, host: string): Promise<boolean>
  /** Lists the deployments by which an application's hosts run what they run, and those whose releases they should run. */
  listInUse(application: string): Promise<string[]>
  /** Returns the median of what an application's hosts took lately, in milliseconds; undefined before the first. */
  typicalDurationMs(place: ApplicationEnvironment): Promise<number | undefined>
}
