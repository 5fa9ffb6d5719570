import type { BoxSelection, DeploymentSpec, HostTarget } from '@vesemir/contract'

/** Finds machines by what is known of them. */
export interface Inventory {
  /**
   * The application's hosts.
   * @throws {VesemirError} `QUERY_INVALID` (with `details.missing` where `hosts.only` names hosts that it does not have), `INVENTORY_UNREACHABLE`, `INVENTORY_REFUSED`, `INVENTORY_ANSWER_INVALID`,
   * `INVENTORY_INCOMPLETE`, `MACHINE_REFUSED`, `HOST_KEY_MISSING`, `HOST_STALE`, `HOST_UNUSABLE`, `HOST_DUPLICATE`
   */
  findHosts(spec: DeploymentSpec, signal?: AbortSignal): Promise<Found>
  /** The load balancer's boxes, in the application's environment; none is ever passed over. Throws as `findHosts`. */
  findBoxes(selection: BoxSelection, spec: DeploymentSpec, signal?: AbortSignal): Promise<Found>
}

/** Machines that an inventory found, sorted by name and free of duplicates, and what people should know of them. */
export interface Found {
  hosts: HostTarget[]
  /** Sentences for the plan, such as which machines were passed over and why. */
  warnings: string[]
  /** What was searched for and where, for the error when it finds none. */
  searched?: string
  /** The groups of each, by its name, where these are not the machine's own words. */
  groups?: Readonly<Record<string, readonly string[]>>
}
