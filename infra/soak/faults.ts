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

/** Brings each fault once, at a random moment of its own part of the time. Returns what came. */
export async function bringFaults(
  system: SoakSystem,
  { random, withinMs }: { random: Random; withinMs: number },
): Promise<string[]> {
  const came: string[] = []
  const partMs = withinMs / Object.keys(faults).length
  const startedMs = performance.now()
  while (came.length < Object.keys(faults).length) {
    const atMs = partMs * came.length + random.between(0, partMs)
    await setTimeout(Math.max(0, startedMs + atMs - performance.now()))
    const name = random.pick(Object.keys(faults).filter((each) => !came.includes(each)))
    await faults[name]!(system)
    came.push(name)
  }
  return came
}
