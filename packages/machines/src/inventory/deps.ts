import type { Clock } from '@vesemir/core'

/** What an inventory is given besides its options. */
export interface InventoryDeps {
  /** How hosts are reached where the inventory does not say it itself. */
  ssh: {
    user: string
    port: number
    /** Names that an inventory can give to the way to a host. */
    jumpHosts?: readonly string[]
  }
  clock: Pick<Clock, 'now' | 'sleep'>
  /** Where CHEF_CREDENTIALS_FILE, CHEF_PROFILE and HOME are looked up; the process's environment unless given. */
  env?: Readonly<Record<string, string | undefined>>
}
