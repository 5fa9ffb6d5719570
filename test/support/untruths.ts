import type { DeploymentView, Traffic } from '@vesemir/contract'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import type { ServerRow } from '../../infra/fleet/show-servers.ts'

/**
 * Says in words each host whose record tells something else of its traffic than the boxes show. Nothing of Vesemir's own is
 * asked for that.
 */
export async function untruths(fleet: Fleet, { hosts }: DeploymentView): Promise<string[]> {
  const rows = await fleet.showServers()
  return hosts.flatMap(({ target, state }) => {
    const claim = state.status === 'pending' || state.status === 'running' ? state.status : state.traffic
    const own = rows.filter(({ backend, server }) => backend === fleet.application && server === target.name)
    if (own.length === fleet.boxes.length && own.every(holds[claim])) return []
    return [`${target.name} is ${claim} by its record, and by the boxes ${JSON.stringify(own)}`]
  })
}

const isInFullService = ({ adminState, opState, weight }: ServerRow) =>
  adminState === 0 && opState === 2 && weight === 100

/** The numbers are HAProxy's: of the admin state, 8 is a drain by command, 1 is maintenance by command. */
const holds: Record<Traffic | 'pending' | 'running', (row: ServerRow) => boolean> = {
  untouched: isInFullService,
  restored: isInFullService,
  pending: isInFullService,
  drained: ({ adminState }) => (adminState & 9) !== 0,
  // A record that ends with one of these says itself that it does not know; no test here may end so.
  partial: () => false,
  unknown: () => false,
  running: () => false,
}
