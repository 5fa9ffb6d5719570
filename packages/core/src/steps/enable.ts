import type { ServerState } from '@vesemir/contract'
import { adoptForeignWeights, yieldToPerson } from '../persons-hand.ts'
import { describeProof, untilProven } from '../proof.ts'
import { describeWeights, reducedWeights } from '../servers.ts'
import { change, snapshotOf, recordWait, type Walk } from '../walk.ts'
import type { Step } from './step.ts'

/** A check comes at any moment of the load balancer's interval alike: even looks see it sooner than as many that grow. */
const proofLooks = { firstIntervalMs: 50, growth: 1.02 }

/**
 * Brings the host back at its reduced weight, once every box has proved it healthy again while it was still drained. What
 * the load balancer showed before is no proof: a restart shorter than its checks is never seen.
 * @throws {VesemirError} `SERVER_UNHEALTHY`, `SERVER_NOT_IN_SERVICE`
 */
export const enable: Step<'enable'> = {
  name: 'enable',
  rotation: 'returning',
  leaves: 'unproven',
  resumes: { inService: 'guard', heldOut: 'verify' },
  hooks: { before: 'beforeEnable', after: 'afterEnable' },
  describe({ loadBalancer }) {
    if (loadBalancer.kind === 'none') return undefined
    const { healthyTimeout, weights, degradedWeight } = loadBalancer
    return `the load balancer must find the host healthy within ${healthyTimeout}; then traffic at ${weights?.[0] ?? degradedWeight} of its weight`
  },
  run: admitOnceProven,
}

async function admitOnceProven(walk: Walk): Promise<string> {
  if (walk.servers.length === 0) return 'no load balancer'
  await adoptForeignWeights(walk, await walk.balancer.read(walk.servers, walk.signal))
  const weights = () => reducedWeights(snapshotOf(walk), walk.traffic.weightPercents[0])
  await change(walk, () => walk.balancer.demandProof(weights(), walk.signal))
  walk.ports.onLull()
  // The proof takes as long as the load balancer's checks: time enough for a person.
  await adoptForeignWeights(walk, await waitForProof(walk))
  const admitted = await change(walk, () => walk.balancer.admit(weights(), walk.signal))
  return describeWeights(admitted)
}

/** Returns the servers as they were when they had been proven. */
async function waitForProof(walk: Walk): Promise<readonly ServerState[]> {
  let servers: readonly ServerState[] = []
  const read = async () => {
    servers = await walk.balancer.read(walk.servers, walk.signal)
    // It is drained for the proof: nothing but a person takes it to maintenance.
    await yieldToPerson(walk, servers, ({ admin }) => admin === 'maint')
    return servers
  }
  await untilProven(read, {
    clock: walk.ports.clock,
    timeoutMs: walk.traffic.healthyTimeoutMs,
    signal: walk.waits,
    onUnproven: (server) => recordWait(walk, `the load balancer to find the host healthy: ${describeProof(server)}`),
    ...proofLooks,
  })
  return servers
}
