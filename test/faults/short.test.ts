import { afterAll, beforeAll, expect, test } from 'vitest'
import type { System } from '../support/start-system.ts'
import type { Strike } from './plan-strikes.ts'
import { createRandom } from './random.ts'
import { runTrial } from './run-trial.ts'
import { startBench } from './start-bench.ts'

// The short set: every fault once, each at a moment that hurts. `npm run test:faults` picks faults and moments by a seed.

let system: System
let before: string
beforeAll(async () => {
  system = await startBench({ hosts: 4 })
  before = system.fleet.version
})
afterAll(() => system?.[Symbol.asyncDispose]())

const slowestResumeMs = 15_000

const trials: Strike[][] = [
  [{ fault: 'a worker is killed', step: 'drain', nth: 2, delayMs: 20 }],
  [{ fault: 'all workers are killed at once', step: 'restart', nth: 3, delayMs: 20 }],
  [{ fault: 'a worker stands still for longer than its lock', step: 'deploy', nth: 2, delayMs: 0 }],
  [{ fault: 'all workers stand still for longer than their locks', step: 'drain', nth: 3, delayMs: 50 }],
  [{ fault: 'Redis is away for 5 s', step: 'enable', nth: 1, delayMs: 0 }],
  [
    { fault: 'the API is killed and started again', step: 'soak', nth: 1, delayMs: 0 },
    { fault: 'HAProxy is reloaded', step: 'soak', nth: 3, delayMs: 100 },
  ],
  [{ fault: 'the sshd of a host is killed', step: 'verify', nth: 2, delayMs: 0 }],
  [{ fault: 'a host accepts connections and hangs', step: 'deploy', nth: 3, delayMs: 0 }],
  [{ fault: 'one HAProxy of two is down', step: 'verify', nth: 1, delayMs: 0 }],
]

test.each(
  trials.map((strikes, index) => ({ strikes, version: `1.${index}.0`, name: strikes.map(describe).join(', ') })),
)('$name: no request fails, minHealthy holds, records are true, no job is stuck', async ({ strikes, version }) => {
  const {
    requests,
    resumes,
    resent: _,
    ends: __,
    ...faulty
  } = await runTrial(system, {
    random: createRandom(1),
    strikes,
    version,
    before,
  })

  before = version
  expect(faulty).toEqual({
    failedRequests: {},
    minHealthyBroken: [],
    untrueRecords: [],
    stuckJobs: [],
    bugs: [],
    missed: [],
  })
  expect(Math.max(0, ...resumes)).toBeLessThan(slowestResumeMs)
  expect(requests).toBeGreaterThan(100)
})

function describe({ fault, step }: Strike): string {
  return `${fault} at ${step}`
}
