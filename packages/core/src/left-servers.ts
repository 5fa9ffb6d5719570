import type { BalancerFinding, Deployment, HostRecord, ServerState } from '@vesemir/contract'
import { isEnded } from './apply-event.ts'
import { toFailure, VesemirError } from './errors.ts'
import { poll } from './poll.ts'
import type { Clock, JournalEntry, LoadBalancer, LoadBalancerSession, TrafficJournal } from './ports.ts'
import { describeServer, fullWeights, isHeldOut, isSameServer } from './servers.ts'
import { trafficPolicy } from './traffic-policy.ts'

/** Servers that one deployment took out of rotation and has not put back, by the journal. */
export interface LeftServers {
  deployment: Deployment
  hosts: readonly HostRecord[]
  entries: readonly JournalEntry[]
}

interface LeftPorts {
  loadBalancer: LoadBalancer
  journal: TrafficJournal
  clock: Clock
}

/** Looks what became of servers that a deployment took out; a box that does not answer hides nothing. */
export async function findLeftServers(
  left: LeftServers,
  { loadBalancer }: Pick<LeftPorts, 'loadBalancer'>,
  signal: AbortSignal,
): Promise<BalancerFinding[]> {
  const found = await readServers(left, loadBalancer, signal)
  return left.entries.map((entry) => judge(entry, left, found))
}

/**
 * Puts back those that are as Vesemir left them, once their box has proved them healthy anew; what a person has changed
 * since is theirs. What is back already is struck from the journal.
 */
export async function putBackServers(
  left: LeftServers,
  ports: LeftPorts,
  signal: AbortSignal,
): Promise<BalancerFinding[]> {
  const findings = await findLeftServers(left, ports, signal)
  const back = findings.filter(({ verdict }) => verdict === 'back')
  await ports.journal.clear(back.map(({ server }) => server))
  const done = new Map<BalancerFinding, BalancerFinding>()
  for (const finding of findings)
    if (finding.action === 'restorable') done.set(finding, await putBack(finding, { left, ports, signal }))
  return findings.map((finding) => done.get(finding) ?? finding)
}

type Found = { states: readonly ServerState[] } | { error: unknown }

async function readServers(
  { deployment, entries }: LeftServers,
  loadBalancer: LoadBalancer,
  signal: AbortSignal,
): Promise<Found> {
  try {
    await using balancer = await open(deployment, loadBalancer, signal)
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

function open(
  { plan, spec }: Deployment,
  loadBalancer: LoadBalancer,
  signal: AbortSignal,
): Promise<LoadBalancerSession> {
  return loadBalancer.open(plan?.boxes ?? [], spec.loadBalancer, signal)
}

function judge(
  { server: before, deploymentId, host, notedAt, heldAgainAt }: JournalEntry,
  { deployment, hosts }: LeftServers,
  found: Found,
): BalancerFinding {
  const { box, backend, server } = before
  const finding = { server: { box, backend, server }, deployment: deploymentId, host, notedAt }
  if ('error' in found)
    return { ...finding, verdict: 'unknown', action: 'none', detail: toFailure(found.error).message }
  const state = found.states.find((now) => isSameServer(now, before))
  if (!state) return { ...finding, verdict: 'unknown', action: 'none', detail: 'its box does not show it' }
  const seen = { ...finding, state }
  if (!isEnded(deployment)) return { ...seen, verdict: 'in-use', action: 'none' }
  if (!isHeldOut(state)) return { ...seen, verdict: 'back', action: 'none' }
  const left = hosts.find(({ target }) => target.name === host)?.seen?.find((last) => isSameServer(last, state))
  if (heldAgainAt !== undefined)
    return {
      ...seen,
      verdict: 'left-out',
      action: 'restorable',
      detail: `held again after a reload, at ${heldAgainAt}`,
    }
  if (left && left.admin !== state.admin)
    return { ...seen, verdict: 'changed', action: 'none', detail: `it was left in ${left.admin}` }
  return { ...seen, verdict: 'left-out', action: 'restorable' }
}

async function putBack(
  finding: BalancerFinding,
  { left, ports, signal }: { left: LeftServers; ports: LeftPorts; signal: AbortSignal },
): Promise<BalancerFinding> {
  const before = left.entries.find(({ server }) => isSameServer(server, finding.server))!.server
  try {
    await using balancer = await open(left.deployment, ports.loadBalancer, signal)
    const weights = fullWeights([before])
    await balancer.demandProof(weights, signal)
    await waitForProof(before, { left, balancer, clock: ports.clock, signal })
    const [state] = await balancer.admit(weights, signal)
    await ports.journal.clear([before])
    return { ...finding, ...(state ? { state } : {}), action: 'restored' }
  } catch (error) {
    return { ...finding, action: 'failed', detail: toFailure(error).message }
  }
}

async function waitForProof(
  server: ServerState,
  context: { left: LeftServers; balancer: LoadBalancerSession; clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { left, balancer, clock, signal } = context
  const { healthyTimeoutMs: timeoutMs } = trafficPolicy(left.deployment.spec.loadBalancer)
  const proved = await poll(
    async () => {
      const [now] = await balancer.read([server], signal)
      return now && (!now.checked || now.health === 'up' || now.health === 'starting') ? true : undefined
    },
    { clock, timeoutMs, signal },
  )
  if (!proved)
    throw new VesemirError('SERVER_UNHEALTHY', `HAProxy's own check of ${describeServer(server)} did not pass in time`)
}
