import { durationMs, type DeploymentSpec, type Endpoint, type ServerState } from '@vesemir/contract'
import { askServer, type CheckFault } from './ask-application.ts'
import { deadlineIn } from './deadline.ts'
import { isVesemirError, VesemirError } from './errors.ts'
import { inParallel } from './in-parallel.ts'
import { keepOut } from './keep-out.ts'
import type { LoadBalancerSession } from './ports/load-balancer.ts'
import { refuseOtherVersion } from './prove-again.ts'
import { describeServer } from './servers.ts'
import { trafficPolicy } from './traffic-policy.ts'
import { recordWait, type Walk } from './walk.ts'

/** How often in a row a server must pass: one answer may be that of a process that is just ending. */
const passesInARow = 2

/**
 * Proves servers by the application's health check, asked from their boxes, while they are held out of rotation. Returns
 * those that are left for the load balancer's own check: where it is to prove them too, or alone.
 * @throws {VesemirError} `SERVER_UNHEALTHY`, `VERSION_CHANGED`, and as `BalancerCapabilities.probesFrom`
 */
export async function proveByProbe(walk: Walk, servers: readonly ServerState[]): Promise<ServerState[]> {
  const probed = servers.filter((server) => isProbed(walk, server))
  if (probed.length === 0) return [...servers]
  await using _out = keepOut(walk)
  const unable = await untilAllPass(walk, probed)
  const isSettled = (server: ServerState) =>
    probed.includes(server) && !unable.has(server) && (walk.traffic.proof !== 'both' || !server.checked)
  return servers.filter((server) => !isSettled(server))
}

/**
 * Says why a box cannot ask a server what the health check asks of the application, so that its own check has to prove the
 * server; undefined where it can.
 */
export function probeLack(
  { healthCheck }: Pick<DeploymentSpec, 'healthCheck'>,
  server: ServerState,
): string | undefined {
  const { endpoint } = server
  if (!isReachable(endpoint)) return `${describeServer(server)} has no address`
  if (healthCheck.kind === 'command') return 'the health check is a command, which runs on the host'
  if (healthCheck.port === endpoint.port) return undefined
  return `the health check is at port ${healthCheck.port}, and ${describeServer(server)} at ${endpoint.port}`
}

/** How long a box may take to show that it can ask. */
const meansTimeoutMs = 5000

/**
 * Returns the boxes that have nothing to ask their servers with, among those that a deployment will want to ask.
 * @throws {VesemirError} as `BalancerCapabilities.probesFrom`
 */
export async function boxesWithoutProbes(
  spec: DeploymentSpec,
  { balancer, servers }: { balancer: LoadBalancerSession; servers: readonly ServerState[] },
  signal: AbortSignal,
): Promise<string[]> {
  const traffic = trafficPolicy(spec.loadBalancer)
  const wanted = servers.filter((server) => isProbed({ spec, traffic }, server))
  const perBox = new Map(wanted.map((server) => [server.box, server.endpoint!]))
  const unable = await inParallel(
    ...[...perBox].map(([box, { address, port }]) => async () => {
      const probes = await balancer.probesFrom(box, signal)
      if (!probes) return [box]
      const proving = probes.proveProbes({ address, port }, { timeoutMs: meansTimeoutMs, signal })
      return proving.then(
        () => [],
        whenUnable(() => [box]),
      )
    }),
  )
  return unable.flat()
}

/** What the load balancer does not check is otherwise taken as it shows: up, whatever answers. */
function isProbed({ spec, traffic }: Pick<Walk, 'spec' | 'traffic'>, server: ServerState): boolean {
  if (!server.checked) return isReachable(server.endpoint)
  return traffic.proof !== 'check' && probeLack(spec, server) === undefined
}

function isReachable(endpoint: Endpoint | undefined): endpoint is Endpoint {
  return endpoint !== undefined && endpoint.address !== '' && endpoint.port > 0
}

/** Asks all servers until all have passed, and returns those that their boxes cannot ask. */
async function untilAllPass(walk: Walk, servers: readonly ServerState[]): Promise<Set<ServerState>> {
  const { clock } = walk.ports
  const deadline = deadlineIn(clock, walk.traffic.healthyTimeoutMs)
  const unable = new Set<ServerState>()
  for (let passed = 0; passed < passesInARow;) {
    walk.waits.throwIfAborted()
    const asked = servers.filter((server) => !unable.has(server))
    const answers = await inParallel(...asked.map((server) => () => ask(walk, server)))
    for (const { server, isUnable } of answers) if (isUnable) unable.add(server)
    const failed = answers.find(({ fault }) => fault)
    passed = failed ? 0 : passed + 1
    if (!failed) continue
    refuseOtherVersion(walk, failed.fault)
    const state = `${describeServer(failed.server)} did not pass the health check from its box: ${failed.fault!.words}`
    if (deadline.leftMs() === 0) throw new VesemirError('SERVER_UNHEALTHY', state)
    await recordWait(walk, state)
    await clock.sleep(durationMs(walk.spec.healthCheck.interval), walk.waits)
  }
  return unable
}

interface Answered {
  server: ServerState
  /** Whether its box has nothing to ask it with. */
  isUnable: boolean
  /** Why it did not pass. */
  fault?: CheckFault | undefined
}

async function ask(walk: Walk, server: ServerState): Promise<Answered> {
  const { address, port } = server.endpoint!
  const unable = { server, isUnable: true }
  const probes = await walk.balancer.probesFrom(server.box, walk.signal)
  if (!probes) return unable
  const asking = askServer(walk, { probes, to: { address, port }, signal: walk.signal })
  return asking.then(
    (fault) => ({ server, isUnable: false, fault }),
    whenUnable(() => unable),
  )
}

/** Returns what handles the error of a box that has nothing to ask with, and no other. */
function whenUnable<Result>(result: () => Result): (error: unknown) => Result {
  return (error) => {
    if (isVesemirError(error, 'HOST_TOOL_MISSING')) return result()
    throw error
  }
}
