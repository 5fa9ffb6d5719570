import { expect, test } from 'vitest'
import type { Run } from './measure.ts'
import { countsOf, loadOf, ratiosOf, summarise } from './summarise.ts'
import { median } from './system/statistics.ts'

const run = (tool: Run['tool'], wallSeconds: number, cpuSeconds: number, more: Partial<Run> = {}): Run => ({
  tool,
  hosts: 20,
  concurrency: 5,
  wallSeconds,
  cpuSeconds,
  fleetCpuSeconds: 1,
  peakMegabytes: 50,
  ...more,
})

test('a tool is summed up by the medians of its rounds', () => {
  const runs = [run('floor', 3, 1), run('floor', 9, 2), run('floor', 4, 6), run('fabric', 5, 1)]

  expect(summarise(runs)).toMatchObject([
    { tool: 'floor', rounds: 3, wallSeconds: 4, cpuSeconds: 2 },
    { tool: 'fabric', rounds: 1, wallSeconds: 5 },
  ])
  expect(median([1, 4, 2, 3])).toBe(2.5)
})

test('a tool is compared with the faster script, and with each of the others where it was run', () => {
  const summaries = summarise([
    run('vesemir', 2, 1.5),
    run('floor', 4, 3),
    run('fabric', 5, 1),
    run('ansible', 1, 1, { hosts: 50 }),
  ])

  expect(ratiosOf(summaries[0]!, summaries)).toEqual({
    wallToFloor: 0.5,
    wallToAnsible: null,
    cpuToFabric: 1.5,
    cpuToAnsible: null,
    machinesCpuToFabric: 1,
  })
})

test('a run that is counted tells what a host has of it, and no time', () => {
  const runs = [run('vesemir', 2, 1), run('vesemir', 9, 9, { counts: { processes: 600, channels: 180 } })]
  const [vesemir] = summarise(runs)

  expect(vesemir).toMatchObject({ rounds: 1, wallSeconds: 2 })
  expect(countsOf(runs, vesemir!)).toEqual({ processes: 30, channels: 9 })
  expect(countsOf(runs, { ...vesemir!, tool: 'fabric' })).toBeUndefined()
})

test('a run under load counts for its requests alone', () => {
  const load = { sent: 100, failed: 3 }
  const runs = [run('vesemir', 2, 1), run('vesemir', 8, 8, { load }), run('floor', 4, 1)]
  const [vesemir] = summarise(runs)

  expect(vesemir).toMatchObject({ rounds: 1, wallSeconds: 2 })
  expect(loadOf(runs, vesemir!)).toEqual(load)
})
