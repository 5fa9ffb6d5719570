import type { HostRecord, Plan } from '@vesemir/contract'
import { isVesemirError, toFailure, VesemirError } from './errors.ts'
import { hostEnded, hostStarted, nextActions, type RolloutState } from './next-actions.ts'
import { planDeployment } from './plan-deployment.ts'
import type { Changesets, DeploymentClaim, Found, HostJobs, Inventory, LoadBalancer } from './ports.ts'

/** What the coordinator needs of the world. */
export interface RolloutPorts {
  inventory: Inventory
  loadBalancer: LoadBalancer
  changesets: Changesets
  hostJobs: HostJobs
}

/** How long no news of a host may come before its job is looked after. */
const checkIntervalMs = 5000

/**
 * Runs a deployment from wherever its record says that it is to its end: plans it once, then keeps the window of hosts
 * full until the rules say that it is over.
 * @throws the signal's reason when this worker is to stop, and `FENCE_LOST` when another goes on
 */
export async function runRollout(claim: DeploymentClaim, ports: RolloutPorts, signal: AbortSignal): Promise<void> {
  try {
    if (!claim.deployment.plan)
      await claim.append({ type: 'deployment.planned', plan: await plan(claim, ports, signal) })
    await rollOut(claim, ports, signal)
  } catch (error) {
    if (signal.aborted || isVesemirError(error, 'FENCE_LOST')) throw error
    await claim.append({ type: 'deployment.ended', outcome: 'failed', failure: toFailure(error) })
  }
}

async function plan(claim: DeploymentClaim, ports: RolloutPorts, signal: AbortSignal): Promise<Plan> {
  const { spec } = claim.deployment
  const { inventory, loadBalancer, changesets } = ports
  const [found, foundBoxes, release] = await Promise.all([
    inventory.findHosts(spec, signal),
    spec.loadBalancer.kind === 'none' ? nothing : inventory.findBoxes(spec.loadBalancer.boxes, spec, signal),
    changesets(spec.changeset).pin(spec.changeset, spec, signal),
  ])
  const { hosts } = found
  const boxes = foundBoxes.hosts
  if (spec.loadBalancer.kind !== 'none' && boxes.length === 0)
    throw new VesemirError('PLAN_NO_BOXES', `no load balancer box in ${spec.environment} is what the settings say`)
  await using balancer = await loadBalancer.open(boxes, spec.loadBalancer, signal)
  const servers = await balancer.locate(hosts, signal)
  const states = await balancer.read(servers.flat(), signal)
  const warnings = [...found.warnings, ...foundBoxes.warnings]
  return planDeployment(spec, { hosts, boxes, servers, states, release, warnings })
}

const nothing: Found = { hosts: [], warnings: [] }

async function rollOut(claim: DeploymentClaim, ports: RolloutPorts, signal: AbortSignal): Promise<void> {
  const { id } = claim.deployment
  const read = await claim.readHosts()
  let state = rolloutOf(claim, read.hosts)
  let { cursor } = read
  for (;;) {
    for (const action of nextActions(state)) {
      if (action.type === 'end') {
        const { outcome, failure } = action
        return claim.append({ type: 'deployment.ended', outcome, ...(failure ? { failure } : {}) })
      }
      await ports.hostJobs.start(id, action.host)
      state = hostStarted(state, action.host)
    }
    const news = await claim.nextEnded(cursor, { timeoutMs: checkIntervalMs, signal })
    cursor = news.cursor
    for (const end of news.ended) state = hostEnded(state, end)
    if (news.ended.length === 0) await reviveJobs(id, state, ports.hostJobs)
  }
}

/** Reads the state from the record: a coordinator that is run again carries on. */
function rolloutOf(claim: DeploymentClaim, hosts: readonly HostRecord[]): RolloutState {
  const ended = { succeeded: 0, failed: 0, unreachable: 0, skipped: 0 }
  const waiting: string[] = []
  const inFlight = new Set<string>()
  for (const { target, state } of hosts) {
    if (state.status === 'pending') waiting.push(target.name)
    else if (state.status === 'running') inFlight.add(target.name)
    else ended[state.status] += 1
  }
  return { concurrency: claim.deployment.plan!.concurrency, waiting, next: 0, inFlight, ended }
}

/** Starts again what is in flight by the record and has no job: it was removed, or lost with a crash. */
async function reviveJobs(id: string, { inFlight }: RolloutState, jobs: HostJobs): Promise<void> {
  for (const host of inFlight) if (!(await jobs.isAlive(id, host))) await jobs.start(id, host)
}
