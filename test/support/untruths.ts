import type { DeploymentView, Traffic } from '@vesemir/contract'
import { listBackends } from '@vesemir/core'
import type { Fleet } from '../../infra/fleet/fleet.ts'
import type { ServerRow } from '../../infra/fleet/show-servers.ts'

/**
 * Says in words each host whose record tells something else of its traffic than the boxes show, which alone are asked. A host
 * that is not part of the deployment must be in full service. `lostBoxes` cannot be reached by anybody: with one of them lost,
 * a record may say that it does not know. Hosts in `except` are not looked at.
 */
export async function untruths(
  fleet: Fleet,
  view: DeploymentView,
  { lostBoxes = [], except = [] }: { lostBoxes?: readonly string[]; except?: readonly string[] } = {},
): Promise<string[]> {
  const boxes = fleet.boxes.filter(({ name }) => !lostBoxes.includes(name))
  const rows = (await fleet.showServers()).filter(({ box }) => boxes.some(({ name }) => name === box))
  const backends = backendsOf(view, fleet)
  const servers = boxes.length * backends.length
  return fleet.hosts.flatMap(({ name }) => {
    if (except.includes(name)) return []
    const claim = claimOf(view, name)
    const own = rows.filter(({ backend, server }) => backends.includes(backend) && server === name)
    if (lostBoxes.length > 0 && claim === 'unknown') return []
    if (own.length === servers && holds[claim](own)) return []
    return [`${name} is ${claim} by its record, and by the boxes ${JSON.stringify(own)}`]
  })
}

/** A deployment that was not planned may name backends that are nowhere: the fleet's own is the one that it left alone. */
function backendsOf({ deployment: { plan, spec } }: DeploymentView, { application }: Fleet): readonly string[] {
  if (!plan) return [application]
  return spec.loadBalancer.kind === 'haproxy' ? listBackends(spec.loadBalancer).map(({ name }) => name) : []
}

function claimOf({ hosts }: DeploymentView, name: string): keyof typeof holds {
  const state = hosts.find(({ target }) => target.name === name)?.state ?? { status: 'pending' }
  if (state.status === 'running') return 'running'
  if (state.status === 'skipped' && state.failure.code === 'SERVER_NOT_IN_SERVICE') return 'others'
  return state.traffic ?? 'pending'
}

type Judge = (rows: readonly ServerRow[]) => boolean

const areInFullService: Judge = (rows) =>
  rows.every(({ adminState, opState, weight }) => adminState === 0 && opState === 2 && weight === 100)

/** The numbers are HAProxy's: of the admin state, 8 is a drain by command, 1 is maintenance by command. */
const areDrained: Judge = (rows) => rows.every(({ adminState }) => (adminState & 9) !== 0)

const holds: Record<Traffic | 'pending' | 'running' | 'others', Judge> = {
  untouched: areInFullService,
  restored: areInFullService,
  pending: areInFullService,
  drained: areDrained,
  // A box that did not answer in time, and forgot its weights, has others than the rest.
  partial: (rows) => !areInFullService(rows) && !areDrained(rows),
  // A record that ends with one of these says itself that it does not know; no test here may end so.
  unknown: () => false,
  running: () => false,
  // Someone else has it out of rotation, or had: it is theirs.
  others: () => true,
}
