import {
  durationMs,
  type DeploymentFact,
  type DeploymentSpec,
  type HostRecord,
  type ServerRef,
} from '@vesemir/contract'
import { VesemirError } from '../errors.ts'
import { isOver } from '../is-over.ts'
import type { RolloutState } from '../next-actions.ts'
import type { DeploymentClaim } from '../ports/deployment-claim.ts'
import { reportBug } from '../report-bug.ts'
import type { RolloutPorts } from '../rollout-ports.ts'
import { compareSides, type Looked, type Sided } from './compare-sides.ts'
import { serverKey } from './server-key.ts'
import { isWatched, sideOf, sidesOf } from './sides-of.ts'

/** The time between two looks at first; it doubles with every `samplesAtOnePace` of a gate, or of a rollout. */
const shortestIntervalMs = 5000
const samplesAtOnePace = 30
/** No deployment keeps more: one that stands for a year has about 500. */
const mostSamples = 1000
/** A box that does not answer must not keep a rollout, or an approval, waiting. */
const longestLookMs = 2000

/** Watches the updated servers of a deployment beside those of the old version. */
export interface PeersWatch {
  /** Takes over how the hosts stand, as was just read. */
  note(hosts: readonly HostRecord[]): void
  /** Looks at the load balancer when it is time to, and returns what it has shown since the look before. */
  look(state: Pick<RolloutState, 'inFlight' | 'deployment'>): Promise<PeersFact | undefined>
}

type PeersFact = Extract<DeploymentFact, { type: 'peers.compared' }>

interface Options {
  ports: Pick<RolloutPorts, 'loadBalancer' | 'clock' | 'onBug'>
  signal: AbortSignal
}

/** A look at the load balancer, and when it was. */
interface Look {
  atMs: number
  servers: Looked
}

/** Creates the watch of a deployment. It asks the boxes only while a gate or a pause is open, or a host is watched for long enough. */
export function createPeersWatch(claim: DeploymentClaim, { ports, signal }: Options): PeersWatch {
  const elapsedMs = ports.clock.startStopwatch()
  let hosts = new Map<string, HostRecord>()
  let triedAtMs = -Infinity
  let last: Look | undefined
  /** Each server as it was first seen on the side that it is on. */
  let first: Looked = new Map()
  let compared = ''
  let stand = { since: '', samples: 0 }
  return {
    note(read) {
      hosts = new Map(read.map((host) => [host.target.name, host]))
    },
    async look({ inFlight, deployment }) {
      const open = whatIsOpen(deployment.state, claim.deployment.spec)
      const samples = claim.deployment.peers?.samples ?? 0
      if (!open || claim.deployment.intent !== 'deploy' || samples >= mostSamples) return undefined
      if (stand.since !== open.since) stand = { since: open.since, samples: open.since === '' ? samples : 0 }
      if (elapsedMs() - triedAtMs < sampleIntervalMs(stand.samples)) return undefined
      triedAtMs = elapsedMs()
      await readMoving(claim, { hosts, inFlight })
      if (!hasWhatToCompare(hosts, open)) return undefined
      const servers = await readSides(claim, { hosts, ports, signal })
      const before = last
      if (!servers) return undefined
      last = { atMs: elapsedMs(), servers: new Map(servers.map((server) => [serverKey(server), server])) }
      first = firstOnSide(first, servers)
      const backends = before ? compareSides(servers, { last: before.servers, first }) : []
      if (!before || backends.length === 0) return undefined
      stand.samples += 1
      const updated = updatedIn(before.servers, servers)
      const begins = updated !== compared
      compared = updated
      const lengthMs = Math.round(last.atMs - before.atMs)
      return { type: 'peers.compared', lengthMs, backends, ...(begins ? { begins } : {}) }
    },
  }
}

/** Returns the time until the next sample after so many. */
export function sampleIntervalMs(samples: number): number {
  return shortestIntervalMs * 2 ** Math.floor(samples / samplesAtOnePace)
}

/** What keeps the load balancer watched: a gate or a pause since a moment, or hosts at reduced weights, which have none in common. */
interface Open {
  since: string
}

function whatIsOpen(state: RolloutState['deployment']['state'], { loadBalancer }: DeploymentSpec): Open | undefined {
  if (loadBalancer.kind === 'none') return undefined
  if (state.status === 'gated' || state.status === 'paused') return { since: state.since }
  if (state.status !== 'running') return undefined
  const { degradationTime, weights = [] } = loadBalancer
  const watchedMs = durationMs(degradationTime) * Math.max(1, weights.length)
  // Two looks are needed to see anything.
  return watchedMs >= 2 * shortestIntervalMs ? { since: '' } : undefined
}

/** Reads the hosts again that are on their way, or were when they were read last. */
async function readMoving(
  claim: DeploymentClaim,
  { hosts, inFlight }: { hosts: Map<string, HostRecord>; inFlight: RolloutState['inFlight'] },
): Promise<void> {
  const were = [...hosts.values()].filter(({ state }) => state.status === 'running')
  const moving = new Set([...inFlight.keys(), ...were.map(({ target }) => target.name)])
  for (const host of await claim.readSome([...moving])) hosts.set(host.target.name, host)
}

function hasWhatToCompare(hosts: ReadonlyMap<string, HostRecord>, { since }: Open): boolean {
  const isWanted = since === '' ? isWatched : (host: HostRecord) => sideOf(host) === 'updated'
  return [...hosts.values()].some(isWanted)
}

/** Reads the figures of all servers; undefined when a box does not answer in time, which the walks of hosts tell anyway. */
async function readSides(
  { deployment }: DeploymentClaim,
  { hosts, ports, signal }: Options & { hosts: ReadonlyMap<string, HostRecord> },
): Promise<Sided[] | undefined> {
  const { spec, plan, id } = deployment
  const sideOfServer = sidesOf(hosts.values(), spec)
  const asked = oneOfEachBackend([...hosts.values()].flatMap(({ servers }) => servers))
  try {
    const figures = await withinMs(longestLookMs, { ports, signal }, async (timed) => {
      await using balancer = await ports.loadBalancer.open(plan!.boxes, spec.loadBalancer, timed)
      return balancer.readFigures(asked, timed)
    })
    return figures.map((figure) => ({ ...figure, side: sideOfServer(figure) }))
  } catch (error) {
    signal.throwIfAborted()
    reportBug(error, ports, { deployment: id })
    return undefined
  }
}

function oneOfEachBackend(servers: readonly ServerRef[]): ServerRef[] {
  return [...new Map(servers.map((server) => [JSON.stringify([server.box, server.backend]), server])).values()]
}

async function withinMs<Result>(
  ms: number,
  { ports, signal }: Options,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const [limit, done] = [new AbortController(), new AbortController()]
  const sleeping = ports.clock.sleep(ms, done.signal).then(
    () => limit.abort(new VesemirError('LOAD_BALANCER_UNREACHABLE', `a box did not answer within ${ms} ms`)),
    () => {},
  )
  try {
    return await task(AbortSignal.any([signal, limit.signal]))
  } finally {
    done.abort(isOver)
    await sleeping
  }
}

function firstOnSide(before: Looked, now: readonly Sided[]): Looked {
  const first = new Map<string, Sided>()
  for (const server of now) {
    const known = before.get(serverKey(server))
    first.set(serverKey(server), known && known.side === server.side ? known : server)
  }
  return first
}

/** Names the updated servers that were compared. */
function updatedIn(before: Looked, now: readonly Sided[]): string {
  return now
    .filter((server) => server.side === 'updated' && before.get(serverKey(server))?.side === 'updated')
    .map(serverKey)
    .sort()
    .join()
}
