import { setTimeout } from 'node:timers/promises'
import { waitFor } from '../../../infra/fleet/wait-for.ts'
import type { System } from '../../support/start-system.ts'
import type { Fault } from './fault.ts'
import { signal } from './signals.ts'

const redisAwayMs = 5_000

/** About as long as locks last: 5 s and 6 s. */
const silence = { leastMs: 4_000, mostMs: 7_000 }

/** What happens to Redis without a loss of data. */
export const redisFaults = {
  'Redis is away for 5 s': {
    async strike({ system }) {
      await system.fleet.stopRedis()
      await setTimeout(redisAwayMs)
      await system.fleet.startRedis()
      await untilApiIsReady(system)
      return {}
    },
  },
  'Redis is silent for 4 to 7 s': {
    async strike({ system, random }) {
      signal(system, 'redis', 'SIGSTOP')
      await setTimeout(random.between(silence.leastMs, silence.mostMs))
      signal(system, 'redis', 'SIGCONT')
      await untilApiIsReady(system)
      return {}
    },
  },
} satisfies Record<string, Fault>

/** The deployment may have ended when Redis went: then nothing else tells that the API has found it again. */
async function untilApiIsReady({ url }: System): Promise<void> {
  const isReady = async () => (await fetch(`${url}/readyz`)).ok
  await waitFor(isReady, { what: 'the API has Redis again', timeoutMs: 10_000 })
}
