import { VesemirError } from '../errors.ts'
import { describeServer, describeWeights, isHeldOut, reducedWeights } from '../servers.ts'
import { snapshotOf, tellWaiting, type Walk } from '../walk.ts'
import { putBackWeights } from './weights.ts'

const watchIntervalMs = 500

/**
 * Waits out the degradation time and watches the host at its reduced weight meanwhile. After a crash, the rest of the time.
 * @throws {VesemirError} `SERVER_UNHEALTHY`, `SERVER_NOT_IN_SERVICE`
 */
export async function soak(walk: Walk): Promise<string> {
  const { clock } = walk.ports
  const { degradationTimeMs, degradedPercent } = walk.traffic
  const weights = reducedWeights(snapshotOf(walk), degradedPercent)
  const endsAtMs = startOf(walk) + degradationTimeMs
  for (;;) {
    const servers = await walk.balancer.read(walk.servers, walk.signal)
    const down = servers.find(({ health }) => health === 'down')
    if (down) throw new VesemirError('SERVER_UNHEALTHY', `${describeServer(down)} went down at its reduced weight`)
    const held = servers.find(isHeldOut)
    if (held) throw new VesemirError('SERVER_NOT_IN_SERVICE', `${describeServer(held)} was taken to ${held.admin}`)
    await putBackWeights(walk, { servers, weights })
    const leftMs = endsAtMs - clock.now()
    if (leftMs <= 0) return `${degradationTimeMs} ms at ${describeWeights(servers)}`
    if (degradationTimeMs >= 2000) await tellWaiting(walk, `the degradation time: until ${timeOfDay(endsAtMs)}`)
    await clock.sleep(Math.min(leftMs, watchIntervalMs), walk.signal)
  }
}

function startOf({ claim, ports }: Walk): number {
  const started = claim.host.steps.find(({ step }) => step === 'soak')
  return started ? Date.parse(started.startedAt) : ports.clock.now()
}

function timeOfDay(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 19)} UTC`
}
