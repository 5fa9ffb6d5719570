import { VesemirError } from '../errors.ts'
import { createJudge, type Judge } from '../judge.ts'
import { keepWeights, lookAtServers, type Kept, type Look } from '../keep-weights.ts'
import { yieldToPerson } from '../persons-hand.ts'
import { watchVersion } from '../prove-again.ts'
import { describeServer, isHeldOut } from '../servers.ts'
import { recordWait, type ConnectedWalk, type Walk } from '../walk.ts'
import type { Step } from './step.ts'

const watchIntervalMs = 500

/**
 * Waits out the degradation time at each of the reduced weights, and watches the host meanwhile, its version included.
 * After a crash, the rest of the time; when the deployment is cancelled at once, no longer: the host is proven.
 * @throws {VesemirError} `SERVER_UNHEALTHY`, `SERVER_NOT_IN_SERVICE`, `SERVER_WORSE`, `VERSION_CHANGED`
 */
export const soak: Step<'soak'> = {
  name: 'soak',
  rotation: 'back',
  leaves: { provenUnless: ['VERSION_CHANGED', 'HEALTH_CHECK_FAILED', 'SERVER_UNHEALTHY', 'SERVER_WORSE'] },
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
  const judge = createJudge(walk)
  let kept: Kept | undefined
  await using version = watchVersion(walk, totalMs)
  for (;;) {
    version.orChanged.throwIfAborted()
    const percent = percentAt(stepMs(), walk.traffic)
    kept = await look(walk, { percent, kept, judge })
    const leftMs = totalMs - stepMs()
    if (leftMs <= 0) break
    if (walk.waits.aborted && !walk.signal.aborted) return `ended early at ${percent}%`
    if (degradationTimeMs >= 2000)
      await recordWait(walk, `the degradation time at ${percent}%: until ${timeOfDay(endsAtMs)}`)
    await clock.sleep(Math.min(leftMs, watchIntervalMs), version.orChanged)
  }
  await version.asked
  version.orChanged.throwIfAborted()
  return `at ${weightPercents.map((weight) => `${weight}%`).join(', then ')}`
}

async function look(
  walk: Walk,
  { percent, kept, judge }: { percent: number; kept: Kept | undefined; judge: Judge },
): Promise<Kept> {
  const seen = await lookAtServers(walk, kept)
  await checkInService(walk, seen)
  const now = await keepWeights(walk, { look: seen, percent, before: kept })
  const worse = await judge()
  if (worse !== undefined) throw new VesemirError('SERVER_WORSE', worse)
  return now
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
