import type { BalancerFinding, Deployment, DeploymentSpec, HostRecord, Plan, ServerState } from '@vesemir/contract'
import { isEnded } from './apply-event.ts'
import { describeMove, hasMoved } from './endpoints.ts'
import { toFailure } from './errors.ts'
import { inParallel } from './in-parallel.ts'
import { isOurWeight } from './original-state.ts'
import { serverResource } from './ownership.ts'
import type { LoadBalancer, LoadBalancerSession } from './ports/load-balancer.ts'
import type { Owner, Owners, Resource } from './ports/owners.ts'
import type { JournalEntry } from './ports/traffic-journal.ts'
import { hasWeight, isHeldOut, isSameServer } from './servers.ts'

/** Servers that one deployment took out of rotation and has not put back, by the journal. */
export interface LeftServers {
  deployment: LeftBy
  hosts: readonly HostRecord[]
  entries: readonly JournalEntry[]
}

/** The deployment as far as it is known; one that Redis has forgotten has no state, and nobody goes on with it. */
interface LeftBy {
  spec: DeploymentSpec
  plan?: Pick<Plan, 'boxes'> | undefined
  state?: Deployment['state']
}

/** Looks what became of servers that a deployment took out; a box that does not answer hides nothing. */
export async function findLeftServers(
  left: LeftServers,
  { loadBalancer, owners }: { loadBalancer: LoadBalancer; owners: Owners },
  signal: AbortSignal,
): Promise<BalancerFinding[]> {
  const [found, inUse] = await inParallel(
    () => readServers(left, loadBalancer, signal),
    () => owners.find(left.entries.map((entry) => resourceOf(entry, left))),
  )
  return left.entries.map((entry, index) => judge(entry, { left, found, owner: inUse[index] }))
}

/** What stands for a server among owners. */
export function resourceOf(
  { server }: Pick<JournalEntry, 'server'>,
  { deployment: { spec, plan } }: LeftServers,
): Resource {
  return serverResource(server, { cluster: spec.cluster, boxes: plan?.boxes ?? [] })
}

type Found = { states: readonly ServerState[] } | { error: unknown }

async function readServers(
  { deployment, entries }: LeftServers,
  loadBalancer: LoadBalancer,
  signal: AbortSignal,
): Promise<Found> {
  try {
    await using balancer = await openBoxes(deployment, loadBalancer, signal)
    return {
      states: await balancer.read(
        entries.map(({ server }) => server),
        signal,
      ),
    }
  } catch (error) {
    return { error }
  }
}

/** Opens the boxes of a deployment. */
export function openBoxes(
  { plan, spec }: LeftBy,
  loadBalancer: LoadBalancer,
  signal: AbortSignal,
): Promise<LoadBalancerSession> {
  return loadBalancer.open(plan?.boxes ?? [], spec.loadBalancer, signal)
}

interface Seen {
  left: LeftServers
  found: Found
  owner: Owner | undefined
}

function judge(entry: JournalEntry, { left, found, owner }: Seen): BalancerFinding {
  const { server: before, deploymentId, host, notedAt } = entry
  const { box, backend, server } = before
  const finding = { server: { box, backend, server }, deployment: deploymentId, host, notedAt }
  if ('error' in found)
    return { ...finding, verdict: 'unknown', action: 'none', detail: toFailure(found.error).message }
  const state = found.states.find((now) => isSameServer(now, before))
  if (!state) return { ...finding, verdict: 'unknown', action: 'none', detail: 'not found on its box' }
  const seen = { ...finding, state }
  if (owner) return { ...seen, verdict: 'in-use', action: 'none', detail: `by ${owner.name}` }
  const { state: stateOfDeployment } = left.deployment
  if (stateOfDeployment && !isEnded({ state: stateOfDeployment })) return { ...seen, verdict: 'in-use', action: 'none' }
  return { ...seen, ...(isHeldOut(state) ? judgeHeld(state, entry, left) : judgeBack(state, entry)) }
}

type Judgement = Pick<BalancerFinding, 'verdict' | 'action' | 'detail'>

function judgeBack(state: ServerState, entry: JournalEntry): Judgement {
  if (hasWeight(state, entry.server.weight)) return { verdict: 'back', action: 'none' }
  if (hasMoved(entry.server, state)) return judgeMoved(state, entry)
  const detail = `weight is ${state.weight}, was ${entry.server.weight}`
  if (isOurWeight(state, entry)) return { verdict: 'reduced', action: 'restorable', detail }
  return { verdict: 'changed', action: 'none', detail: `${detail}; set by someone else` }
}

/** What stands for another machine now is not Vesemir's to put back. */
function judgeMoved(state: ServerState, { server: before }: Pick<JournalEntry, 'server'>): Judgement {
  return { verdict: 'changed', action: 'none', detail: describeMove(before, state) }
}

function judgeHeld(
  state: ServerState,
  { server: before, isHeldByPerson, heldAgainAt, host }: JournalEntry,
  { hosts }: LeftServers,
): Judgement {
  if (hasMoved(before, state)) return judgeMoved(state, { server: before })
  if (isHeldByPerson) return { verdict: 'changed', action: 'none', detail: `set to ${state.admin} by someone else` }
  if (heldAgainAt !== undefined)
    return { verdict: 'left-out', action: 'restorable', detail: `taken out again after a reload, at ${heldAgainAt}` }
  const left = hosts.find(({ target }) => target.name === host)?.seen?.find((last) => isSameServer(last, state))
  if (left && left.admin !== state.admin)
    return { verdict: 'changed', action: 'none', detail: `was left in ${left.admin}` }
  return { verdict: 'left-out', action: 'restorable' }
}
