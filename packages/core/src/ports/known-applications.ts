import type { ApplicationDefinition, ApplicationHost } from '@vesemir/contract'
import type { WantedRelease } from '../release-report.ts'

/** A registered application with all that is known of what runs. */
export interface KnownApplication {
  definition: ApplicationDefinition
  /** By environment and name. */
  hosts: readonly ApplicationHost[]
  /** What should run, by environment. */
  wanted: ReadonlyMap<string, WantedRelease>
}

/** All registered applications at once, by name: no older than a second. */
export interface KnownApplications {
  list(): Promise<readonly KnownApplication[]>
}
