import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { theLoads } from './loads.ts'
import { runFloor, runLoad } from './run-load.ts'
import { startBench, type Bench } from './start-bench.ts'

// The short form of main.ts. How late a line may be depends on what else the machine does just then, so it is measured beside:
// by a bare relay that serves the same viewers, before and after. A line passes three processes more than there: it may take
// what was promised, and three times what the relay takes. Where the API was kept waiting for a core longer than it ran, others
// had the machine, and how late a line was says nothing of it: then it is not judged. What is lost or repeated always is.

const promisedP99Ms = 250
const hops = 3
const largestResidentMiB = 512
const floorSeconds = 1

let bench: Bench
beforeAll(async () => {
  bench = await startBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

describe('one API process', () => {
  it.each(theLoads(4))('brings every event to everybody once, soon and in bounded memory: $name', async (load) => {
    const before = await runFloor({ ...load, seconds: floorSeconds })
    const report = await runLoad(bench, load)
    const after = await runFloor({ ...load, seconds: floorSeconds })

    const floorMs = Math.max(before.p99Ms, after.p99Ms)
    const isStarved = report.api.waited > 1
    const limitMs = isStarved ? Infinity : promisedP99Ms + hops * floorMs
    console.log(
      `${load.name}: p99 ${report.p99Ms} ms, relay ${floorMs} ms, waited ${report.api.waited} s for each it ran`,
    )
    expect(report.faults).toEqual([])
    expect(report.p99Ms, `a bare relay took ${floorMs} ms`).toBeLessThan(limitMs)
    expect(report.api.residentMiB).toBeLessThan(largestResidentMiB)
  })
})
