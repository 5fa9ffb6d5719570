import type { BalancerFinding, ServerState } from '@vesemir/contract'
import { compareEndpoints } from './endpoints.ts'
import { toFailure, VesemirError } from './errors.ts'
import { findLeftServers, openBoxes, resourceOf, type LeftServers } from './left-servers.ts'
import { originalOf } from './original-state.ts'
import type { Clock } from './ports/clock.ts'
import type { LoadBalancer, LoadBalancerSession, ServerWeight } from './ports/load-balancer.ts'
import type { Owner, Owners } from './ports/owners.ts'
import type { JournalEntry, TrafficJournal } from './ports/traffic-journal.ts'
import { untilProven } from './proof.ts'
import { describeServer, fullWeights, isHeldOut, isSameServer } from './servers.ts'
import { trafficPolicy } from './traffic-policy.ts'

interface LeftPorts {
  loadBalancer: LoadBalancer
  journal: TrafficJournal
  owners: Owners
  clock: Clock
}

/** For how long whoever puts a server back owns it at a time: no record tells whether it still does. */
const ownedForMs = 30_000

/**
 * Puts back those that are as Vesemir left them, once their box has proved them healthy again, and gives those their weight that
 * are back without it; what a person has changed since is theirs. What is back as it was is struck from the journal.
 */
export async function putBackServers(
  left: LeftServers,
  ports: LeftPorts,
  { doctor, signal }: { doctor: string; signal: AbortSignal },
): Promise<BalancerFinding[]> {
  const findings = await findLeftServers(left, ports, signal)
  const done = new Map<BalancerFinding, BalancerFinding>()
  for (const finding of findings)
    if (finding.action === 'restorable' || finding.verdict === 'back')
      done.set(finding, await putBack(finding, { left, ports, doctor, signal }))
  return findings.map((finding) => done.get(finding) ?? finding)
}

interface PuttingBack {
  left: LeftServers
  ports: LeftPorts
  doctor: string
  signal: AbortSignal
}

/** Puts one server back, or strikes it from the journal where it is, as its only owner while it does. */
async function putBack(finding: BalancerFinding, context: PuttingBack): Promise<BalancerFinding> {
  const { left, ports, doctor, signal } = context
  const entry = left.entries.find(({ server }) => isSameServer(server, finding.server))!
  const resources = [resourceOf(entry, left)]
  const own = () => ports.owners.take(resources, { id: doctor, name: 'vesemir lb doctor', lifetimeMs: ownedForMs })
  try {
    const owner = await own()
    if (owner) return { ...finding, verdict: 'in-use', action: 'none', detail: `by ${owner.name}` }
    if (!(await isStillNoted(entry, ports.journal)))
      return { ...finding, verdict: 'in-use', action: 'none', detail: 'by a newer deployment' }
    if (finding.verdict === 'back') {
      await ports.journal.clear([finding.server])
      return finding
    }
    await using opened = await openBoxes(left.deployment, ports.loadBalancer, signal)
    const balancer = compareEndpoints(opened)
    const weights = fullWeights([originalOf(finding.state!, entry)!])
    const [state] =
      finding.verdict === 'reduced'
        ? await balancer.setWeights(weights, signal)
        : await admitProved(weights, { left, balancer, clock: ports.clock, own, signal })
    if (state && !isHeldOut(state)) await ports.journal.clear([finding.server])
    return { ...finding, ...(state ? { state } : {}), action: 'restored' }
  } catch (error) {
    return { ...finding, action: 'failed', detail: toFailure(error).message }
  } finally {
    await ports.owners.free(resources, doctor).catch(() => {})
  }
}

/** Whether the journal still has that entry: a walk that came between the look and the taking has written its own. */
async function isStillNoted(
  { server, notedAt, deploymentId }: JournalEntry,
  journal: TrafficJournal,
): Promise<boolean> {
  const [now] = await journal.find([server])
  return now?.notedAt === notedAt && now.deploymentId === deploymentId
}

interface Proving {
  left: LeftServers
  balancer: LoadBalancerSession
  clock: Clock
  /** Takes the server again for a while. */
  own: () => Promise<Owner | undefined>
  signal: AbortSignal
}

async function admitProved(
  weights: readonly ServerWeight[],
  { left, balancer, clock, own, signal }: Proving,
): Promise<ServerState[]> {
  const servers = weights.map(({ server }) => server)
  await balancer.demandProof(weights, signal)
  const { healthyTimeoutMs: timeoutMs } = trafficPolicy(left.deployment.spec.loadBalancer)
  const read = async () => {
    const owner = await own()
    if (owner) throw new VesemirError('HOST_IN_USE', `${describeServer(servers[0]!)} was taken by ${owner.name}`)
    return balancer.read(servers, signal)
  }
  await untilProven(read, { clock, timeoutMs, signal })
  return balancer.admit(weights, signal)
}
