import { VesemirError } from '../errors.ts'
import { createJudge, type Judge } from '../judge.ts'
import { yieldToPerson } from '../persons-hand.ts'
import { watchVersion } from '../prove-again.ts'
import { describeServer, isHeldOut } from '../servers.ts'
import { tellWaiting, type ConnectedWalk, type Walk } from '../walk.ts'
import { lookAtServers, putBackWeights, wasReloaded, type Look } from './weights.ts'

const watchIntervalMs = 500

/**
 * Waits out the degradation time at each of the reduced weights, and watches the host meanwhile, its version included.
 * After a crash, the rest of the time; when the deployment is cancelled at once, no longer: the host is proven.
 * @throws {VesemirError} `SERVER_UNHEALTHY`, `SERVER_NOT_IN_SERVICE`, `SERVER_WORSE`, `VERSION_CHANGED`
 */
export async function soak(walk: ConnectedWalk): Promise<string> {
  const { clock } = walk.ports
  const { degradationTimeMs, weightPercents } = walk.traffic
  const totalMs = degradationTimeMs * weightPercents.length
  const endsAtMs = clock.now() + Math.max(0, totalMs - walk.stepMs())
  const judge = createJudge(walk)
  await using version = watchVersion(walk, totalMs)
  for (;;) {
    version.orChanged.throwIfAborted()
    const percent = percentAt(walk.stepMs(), walk.traffic)
    await look(walk, { percent, judge })
    const leftMs = totalMs - walk.stepMs()
    if (leftMs <= 0) break
    if (walk.waits.aborted && !walk.signal.aborted) return `cut short at ${percent}%`
    if (degradationTimeMs >= 2000)
      await tellWaiting(walk, `the degradation time at ${percent}%: until ${timeOfDay(endsAtMs)}`)
    await clock.sleep(Math.min(leftMs, watchIntervalMs), version.orChanged)
  }
  await version.asked
  version.orChanged.throwIfAborted()
  return `at ${weightPercents.map((weight) => `${weight}%`).join(', then ')}`
}

async function look(walk: Walk, { percent, judge }: { percent: number; judge: Judge }): Promise<void> {
  const seen = await lookAtServers(walk)
  await checkInService(walk, seen)
  await putBackWeights(walk, seen, percent)
  const worse = await judge()
  if (worse !== undefined) throw new VesemirError('SERVER_WORSE', worse)
}

async function checkInService(walk: Walk, look: Look): Promise<void> {
  // First, since a server in maintenance shows as down; a reload may bring an old drain back (server-state-file).
  await yieldToPerson(walk, look.servers, (server) => isHeldOut(server) && !wasReloaded(walk, look, server.box))
  const held = look.servers.find(isHeldOut)
  if (held)
    throw new VesemirError(
      'SERVER_NOT_IN_SERVICE',
      `${describeServer(held)} is in ${held.admin} after a reload of its box`,
    )
  const down = look.servers.find(({ health }) => health === 'down')
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
