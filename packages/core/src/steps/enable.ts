import type { ServerRef, ServerState } from '@vesemir/contract'
import { adoptForeignWeights, yieldToPerson } from '../persons-hand.ts'
import type { ServerWeight } from '../ports/load-balancer.ts'
import { describeProof, untilProven } from '../proof.ts'
import { proveByProbe } from '../prove-by-probe.ts'
import { describeWeights, isSameServer, reducedWeights } from '../servers.ts'
import { change, snapshotOf, recordWait, type Walk } from '../walk.ts'
import type { Step } from './step.ts'

/**
 * A check comes at any moment of the load balancer's interval alike: even looks see it sooner than as many that grow. Hosts that wait at
 * the same time look at the same time, which is one question to their box.
 */
const proofLooks = { firstIntervalMs: 50, growth: 1.02, beatMs: 50 }

const provers = {
  check: 'the load balancer must find the host healthy',
  probe: 'the host must pass the health check, asked from every box,',
  both: 'the host must pass the health check, asked from every box, and the load balancer must find it healthy',
}

/**
 * Brings the host back at its reduced weight, once it is proven healthy again on every box while it is still out of rotation.
 * What the load balancer showed before is no proof: a restart shorter than its checks is never seen.
 * @throws {VesemirError} `SERVER_UNHEALTHY`, `SERVER_NOT_IN_SERVICE`, `VERSION_CHANGED`
 */
export const enable: Step<'enable'> = {
  name: 'enable',
  rotation: 'returning',
  leaves: 'unproven',
  needsService: true,
  resumes: { inService: 'guard', heldOut: 'verify' },
  hooks: { before: 'beforeEnable', after: 'afterEnable' },
  describe({ loadBalancer }) {
    if (loadBalancer.kind === 'none') return undefined
    const { healthyTimeout, proof = 'check', weights, degradedWeight } = loadBalancer
    return `${provers[proof]} within ${healthyTimeout}; then traffic at ${weights?.[0] ?? degradedWeight} of its weight`
  },
  run: admitOnceProven,
}

async function admitOnceProven(walk: Walk): Promise<string> {
  if (walk.servers.length === 0) return 'no load balancer'
  const seen = await walk.balancer.read(walk.servers, walk.signal)
  await adoptForeignWeights(walk, seen)
  walk.ports.onLull()
  // The proof takes as long as the load balancer's checks: time enough for a person.
  await adoptForeignWeights(walk, await proveByCheck(walk, await proveByProbe(walk, seen)))
  return describeWeights(await change(walk, () => walk.balancer.admit(firstWeights(walk), walk.signal)))
}

/**
 * Has the load balancer's own checks prove servers: drained, not held, since it checks none that is in maintenance. Returns all of the
 * host's servers as they were seen last.
 */
async function proveByCheck(walk: Walk, servers: readonly ServerState[]): Promise<readonly ServerState[]> {
  if (servers.length === 0) return walk.balancer.read(walk.servers, walk.signal)
  const isLeft = amongThe(servers)
  const weights = firstWeights(walk).filter(({ server }) => isLeft(server))
  await change(walk, () => walk.balancer.demandProof(weights, walk.signal))
  return waitForProof(walk, isLeft)
}

function amongThe(servers: readonly ServerRef[]): (server: ServerRef) => boolean {
  return (server) => servers.some((other) => isSameServer(other, server))
}

function firstWeights(walk: Walk): ServerWeight[] {
  return reducedWeights(snapshotOf(walk), walk.traffic.weightPercents[0])
}

async function waitForProof(walk: Walk, isLeft: (server: ServerRef) => boolean): Promise<readonly ServerState[]> {
  let seen: readonly ServerState[] = []
  const read = async () => {
    seen = await walk.balancer.read(walk.servers, walk.signal)
    const left = seen.filter(isLeft)
    // It is drained for the proof: nothing but a person takes it to maintenance.
    await yieldToPerson(walk, left, ({ admin }) => admin === 'maint')
    return left
  }
  await untilProven(read, {
    clock: walk.ports.clock,
    timeoutMs: walk.traffic.healthyTimeoutMs,
    signal: walk.waits,
    onUnproven: (server) => recordWait(walk, `the load balancer to find the host healthy: ${describeProof(server)}`),
    ...proofLooks,
  })
  return seen
}
