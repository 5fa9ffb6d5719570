import type { DeploymentSpec, HostTarget } from '@vesemir/contract'
import { isVesemirError } from './errors.ts'
import type { Inventory } from './ports/inventory.ts'

interface Search {
  spec: DeploymentSpec
  inventory: Inventory
  signal: AbortSignal
}

/**
 * Asks the inventory for these hosts and no others: what is wrong with another host must not stand in their way. Returns those that
 * it has, and the names that it no longer has.
 * @throws what the inventory throws of hosts that it has
 */
export async function findNamedHosts(
  names: readonly string[],
  { spec, inventory, signal }: Search,
): Promise<{ hosts: HostTarget[]; gone: string[] }> {
  const ask = async (only: string[]) =>
    only.length === 0 ? [] : (await inventory.findHosts({ ...spec, hosts: { ...spec.hosts, only } }, signal)).hosts
  try {
    return { hosts: await ask([...names]), gone: [] }
  } catch (error) {
    const gone = missingHosts(error)
    if (gone.length === 0) throw error
    return { hosts: await ask(names.filter((name) => !gone.includes(name))), gone }
  }
}

/** Of these hosts, those that the inventory no longer has; none where it cannot tell. */
export async function findGone(names: readonly string[], search: Search): Promise<string[]> {
  try {
    return (await findNamedHosts(names, search)).gone
  } catch (error) {
    if (search.signal.aborted || !isVesemirError(error)) throw error
    return []
  }
}

function missingHosts(error: unknown): string[] {
  return isVesemirError(error, 'QUERY_INVALID') ? ((error.details['missing'] as string[] | undefined) ?? []) : []
}
