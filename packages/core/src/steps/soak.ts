import type { ServerState } from '@vesemir/contract'
import { VesemirError } from '../errors.ts'
import { createJudge, type Judge } from '../judge.ts'
import { keepWeights, lookAtServers, type Kept, type Look } from '../keep-weights.ts'
import { yieldToPerson } from '../persons-hand.ts'
import { poll } from '../poll.ts'
import { watchVersion } from '../prove-again.ts'
import { describeServer, isHeldOut } from '../servers.ts'
import { recordWait, type ConnectedWalk, type Walk } from '../walk.ts'
import type { Step } from './step.ts'

const watchIntervalMs = 500

/**
 * Waits out the degradation time at each of the reduced weights, and watches the host meanwhile, its version included. A host
 * that only a probe has proven stays until the load balancer's own check has confirmed it.
 * After a crash, the rest of the time; when the deployment is cancelled at once, no longer: the host is proven.
 * @throws {VesemirError} `SERVER_UNHEALTHY`, `SERVER_NOT_IN_SERVICE`, `SERVER_WORSE`, `VERSION_CHANGED`
 */
export const soak: Step<'soak'> = {
  name: 'soak',
  rotation: 'back',
  leaves: { provenUnless: ['VERSION_CHANGED', 'HEALTH_CHECK_FAILED', 'SERVER_UNHEALTHY', 'SERVER_WORSE'] },
  needsService: true,
  resumes: { inService: 'soak', heldOut: 'verify' },
  isSkippedOnWayBack: true,
  describe({ loadBalancer }) {
    if (loadBalancer.kind === 'none') return undefined
    const { degradationTime, degradedWeight, weights = [degradedWeight] } = loadBalancer
    return `${degradationTime} at ${weights.join(', then ')} of its weight`
  },
  run: watchAtReducedWeights,
}

async function watchAtReducedWeights(walk: ConnectedWalk): Promise<string> {
  const { clock } = walk.ports
  const { stepMs } = walk.progress
  const { degradationTimeMs, weightPercents } = walk.traffic
  const totalMs = degradationTimeMs * weightPercents.length
  const endsAtMs = clock.now() + Math.max(0, totalMs - stepMs())
  await using version = watchVersion(walk, totalMs)
  const judge = createJudge(walk)
  const look = createLook(walk, { judge, signal: version.orChanged })
  for (;;) {
    const { percent } = await look()
    const leftMs = totalMs - stepMs()
    if (leftMs <= 0) break
    if (isGivenUp(walk)) return `ended early at ${percent}%`
    if (degradationTimeMs >= 2000)
      await recordWait(walk, `the degradation time at ${percent}%: until ${timeOfDay(endsAtMs)}`)
    await clock.sleep(Math.min(leftMs, watchIntervalMs), version.orChanged)
  }
  if (totalMs > 0 && walk.traffic.proof === 'probe') await untilConfirmed(walk, look)
  await version.asked
  version.orChanged.throwIfAborted()
  const weights = `at ${weightPercents.map((weight) => `${weight}%`).join(', then ')}`
  return judge.hadNoPeers ? `${weights}; no server of the old version in service to compare with` : weights
}

/** What was seen of the host in one look, and the percentage of its weight that it is to have. */
interface Seen {
  percent: number
  servers: readonly ServerState[]
}

/** Returns what looks at the host once: whether it serves well, at the weights that are due. */
function createLook(walk: Walk, { judge, signal }: { judge: Judge; signal: AbortSignal }): () => Promise<Seen> {
  let before: Kept | undefined
  return async () => {
    signal.throwIfAborted()
    const percent = percentAt(walk.progress.stepMs(), walk.traffic)
    const look = await lookAtServers(walk, before)
    await checkInService(walk, look)
    before = await keepWeights(walk, { look, percent, before })
    const worse = await judge.judge()
    if (worse !== undefined) throw new VesemirError('SERVER_WORSE', worse)
    return { percent, servers: look.servers }
  }
}

function isGivenUp({ waits, signal }: Walk): boolean {
  return waits.aborted && !signal.aborted
}

/** Has a host that a probe has proven stay at its reduced weight until a check of the load balancer has passed, too. */
async function untilConfirmed(walk: Walk, look: () => Promise<Seen>): Promise<void> {
  let lacking: ServerState | undefined
  const isConfirmed = await poll(
    async () => {
      const { servers } = await look()
      lacking = servers.find(({ unconfirmed }) => unconfirmed)
      if (!lacking || isGivenUp(walk)) return true
      await recordWait(walk, `the load balancer's own check to confirm ${describeServer(lacking)}`)
      return undefined
    },
    { clock: walk.ports.clock, timeoutMs: walk.traffic.healthyTimeoutMs, signal: walk.signal },
  )
  if (isConfirmed) return
  const message = `the load balancer's own check did not confirm ${describeServer(lacking!)} in time`
  throw new VesemirError('SERVER_UNHEALTHY', message)
}

async function checkInService(walk: Walk, { servers, reloaded }: Look): Promise<void> {
  // First, since a server in maintenance shows as down; a reload may bring an old drain back (server-state-file).
  await yieldToPerson(walk, servers, (server) => isHeldOut(server) && !reloaded.has(server.box))
  const held = servers.find(isHeldOut)
  if (held)
    throw new VesemirError(
      'SERVER_NOT_IN_SERVICE',
      `${describeServer(held)} is in ${held.admin} after a reload of its box`,
    )
  const down = servers.find(({ health }) => health === 'down')
  if (down) throw new VesemirError('SERVER_UNHEALTHY', `${describeServer(down)} went down at its reduced weight`)
}

/** The weight whose turn it is: the first for the degradation time, the last from its turn on. */
function percentAt(spentMs: number, { degradationTimeMs, weightPercents }: Walk['traffic']): number {
  const [first, ...later] = weightPercents
  return later.findLast((_, index) => spentMs >= degradationTimeMs * (index + 1)) ?? first
}

function timeOfDay(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 19)} UTC`
}
