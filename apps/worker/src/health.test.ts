import { expect, test } from 'vitest'
import { checkHealth } from './health.ts'

const well = { sinceReportMs: 1500, sinceLostMs: Infinity, delayMs: 12 }

test.each([
  ['nothing', well, []],
  ['a blocked event loop', { ...well, delayMs: 3000 }, ['eventLoop']],
  ['a Redis that takes no report', { ...well, sinceReportMs: 10_000 }, ['redis']],
  ['a claim that was lost just now', { ...well, sinceLostMs: 29_999 }, ['claims']],
  ['no claim that was lost long ago', { ...well, sinceLostMs: 30_000 }, []],
])('a worker complains of %s', (_, { sinceReportMs, sinceLostMs, delayMs }, expected) => {
  const checks = checkHealth({
    presence: { sinceReportMs: () => sinceReportMs },
    workloads: [{ sinceLostMs: () => Infinity }, { sinceLostMs: () => sinceLostMs }],
    longestDelayMs: () => delayMs,
  })

  const failing = Object.entries(checks).filter(([, { ok }]) => !ok)
  expect(failing.map(([name]) => name)).toEqual(expected)
})
