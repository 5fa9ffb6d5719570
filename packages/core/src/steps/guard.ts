import { listBackends } from '../backends.ts'
import { describeLack, describeRemainders } from '../capacity.ts'
import { VesemirError } from '../errors.ts'
import { readCapacity } from '../if-spared.ts'
import { own } from '../ownership.ts'
import { poll } from '../poll.ts'
import { recordWait, type Walk } from '../walk.ts'
import type { Step } from './step.ts'

/**
 * Waits until nobody else works on this host, and until every backend, on every box, can spare it.
 * @throws {VesemirError} `HOST_IN_USE`, and `GUARD_REFUSED` when `guardTimeout` is over
 */
export const guard: Step<'guard'> = {
  name: 'guard',
  rotation: 'in',
  leaves: 'as-before',
  resumes: { inService: 'guard', heldOut: 'drain' },
  describe({ loadBalancer }) {
    if (loadBalancer.kind === 'none') return undefined
    const wanted = listBackends(loadBalancer).map(({ name, minHealthy }) => `${minHealthy} in ${name}`)
    return `waits at most ${loadBalancer.guardTimeout} until enough other servers are in service on its boxes: ${wanted.join(', ')}`
  },
  async run(walk) {
    await own(walk)
    return walk.servers.length === 0 ? 'no load balancer' : waitUntilSpared(walk)
  },
}

async function waitUntilSpared(walk: Walk): Promise<string> {
  let lack: string | undefined
  const note = await poll(
    async () => {
      const { remainders } = await readCapacity(walk)
      lack = describeLack(remainders)
      if (!lack) return describeRemainders(remainders)
      await recordWait(walk, `capacity: ${lack}`)
      return undefined
    },
    { clock: walk.ports.clock, timeoutMs: walk.traffic.guardTimeoutMs, signal: walk.waits },
  )
  if (note === undefined) throw new VesemirError('GUARD_REFUSED', `without ${walk.target.name}, ${lack}`)
  return note
}
