import { setTimeout } from 'node:timers/promises'
import type { Random } from '../../test/faults/random.ts'
import type { SoakSystem } from './start-soak.ts'

/** What goes wrong, and is right again when it has been waited for. */
const faults: Record<string, (system: SoakSystem) => Promise<void>> = {
  'worker killed': (system) => system.replaceWorker(),
  'Redis restarted': (system) => system.restartRedis(),
  async 'connections cut'({ redis }) {
    for (const type of ['NORMAL', 'PUBSUB']) await redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')
  },
}

interface Plan {
  random: Random
  /** The least and the most time from one fault to the next. */
  restMs: readonly [least: number, most: number]
  signal: AbortSignal
}

/** Brings all faults in a new order again and again, until the signal. Returns how often each came. */
export async function bringFaults(
  system: SoakSystem,
  { random, restMs, signal }: Plan,
): Promise<Record<string, number>> {
  const counts = Object.fromEntries(Object.keys(faults).map((name) => [name, 0]))
  let round: string[] = []
  for (;;) {
    await setTimeout(random.between(...restMs), undefined, { signal }).catch(() => {})
    if (signal.aborted) return counts
    if (round.length === 0) round = Object.keys(faults)
    const name = random.pick(round)
    round = round.filter((other) => other !== name)
    await faults[name]!(system)
    counts[name]! += 1
  }
}
