import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { System } from '../support/start-system.ts'
import type { Strike } from './plan-strikes.ts'
import { struckDeployment } from './courses/struck-deployment.ts'
import { supersededCommands } from './courses/superseded-commands.ts'
import { twoApplications } from './courses/two-applications.ts'
import { twoPeople } from './courses/two-people.ts'
import { createFindings } from './findings.ts'
import { createRandom } from './random.ts'
import { runTrial } from './run-trial.ts'
import { setByHand } from './set-by-hand.ts'
import { startBench } from './start-bench.ts'
import type { Course } from './trial.ts'
import { watchCapacity } from './watch-capacity.ts'

// The short set: every fault once, each at a moment that hurts. `npm run test:faults` picks faults and moments by a seed.

const hosts = 4

let system: System
beforeAll(async () => {
  system = await startBench({ hosts })
})
afterAll(() => system?.[Symbol.asyncDispose]())

/** Some samples. */
const watchedMs = 200
const slowestResumeMs = 15_000

test('the watch of capacity sees what is out for a moment, on each box, and what is in service again', async () => {
  const { fleet } = system
  const [box] = fleet.boxes
  const place = { box: box!.name, backend: fleet.application, server: 'web-1' }
  await using capacity = watchCapacity(fleet, { minHealthy: hosts })

  for (const setting of ['state maint', 'state ready', 'state drain', 'state ready']) {
    await setByHand(fleet, place, setting)
    await setTimeout(watchedMs)
  }

  const { broken, fewest } = await capacity.stop()
  expect(fewest).toBe(hosts - 1)
  expect(broken).toEqual([expect.stringContaining('web-1'), expect.stringContaining('web-1')])
})

const strikes: Strike[][] = [
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
  [{ fault: 'Redis is silent for 4 to 7 s', step: 'guard', nth: 3, delayMs: 5 }],
  [{ fault: 'HAProxy is started again with the same process id', step: 'restart', nth: 2, delayMs: 0 }],
  [
    { fault: 'a worker is replaced by one with another clock', step: 'soak', nth: 1, delayMs: 100 },
    { fault: 'the clock of a worker jumps', step: 'soak', nth: 3, delayMs: 100 },
  ],
  [{ fault: 'a person drains a server', step: 'connect', nth: 3, delayMs: 0 }],
  [{ fault: 'a person sets a server to maintenance', step: 'soak', nth: 2, delayMs: 100 }],
  [{ fault: 'a person sets a weight', step: 'guard', nth: 3, delayMs: 0 }],
  [{ fault: 'a host falls back to its old version', step: 'soak', nth: 2, delayMs: 100 }],
  [{ fault: 'everything is killed', step: 'deploy', nth: 3, delayMs: 20 }],
  [{ fault: 'the machine of Redis loses power', step: 'enable', nth: 2, delayMs: 50 }],
  [{ fault: 'a box reboots', step: 'deploy', nth: 2, delayMs: 20 }],
  [{ fault: 'a host reboots', step: 'restart', nth: 2, delayMs: 0 }],
  [{ fault: 'HAProxy is replaced by another version', step: 'drain', nth: 2, delayMs: 50 }],
]

const courses: Course[] = [
  ...strikes.map((each) => struckDeployment(each, { hosts })),
  twoApplications({ sharesBackend: true, apartMs: 600 }, { hosts }),
  twoApplications({ sharesBackend: false, apartMs: 0 }, { hosts }),
  supersededCommands(['retry', 'rollback', 'its jobs run again'], { hosts }),
  twoPeople(
    [
      [
        { command: { command: 'pause' }, afterMs: 300 },
        { command: { command: 'rollback' }, afterMs: 1_500 },
      ],
      [
        { command: { command: 'resume' }, afterMs: 900 },
        { command: { command: 'cancel', now: true }, afterMs: 800 },
      ],
    ],
    { hosts },
  ),
]

for (const [index, course] of courses.entries()) {
  test(`${course.what}: no request fails, minHealthy holds, the record is true`, async () => {
    const report = await runTrial(system, course, { random: createRandom(1), version: `1.${index}` })

    expect(report.failedRequests).toEqual({})
    expect(report.findings).toEqual(createFindings())
    expect(report.missed).toEqual([])
    expect(Math.max(0, ...report.resumes)).toBeLessThan(slowestResumeMs)
    expect(report.requests).toBeGreaterThan(100)
  })
}
