import { parseArgs } from 'node:util'
import { theLoads } from './loads.ts'
import { runFloor, runLoad } from './run-load.ts'
import { startBench } from './start-bench.ts'

// The long form: `npm run test:watching -- --seconds N`, with `--profile FOLDER` for CPU profiles of the API.

const largestP99Ms = 250
const largestResidentMiB = 512

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, load: { type: 'string' }, profile: { type: 'string' } },
})
const seconds = Number(values.seconds)
if (!(seconds > 0)) throw new Error('--seconds must be a number above 0')

const reports = []
for (const load of theLoads(seconds).filter(({ name }) => values.load === undefined || name.includes(values.load))) {
  await using bench = await startBench({ profileFolder: values.profile })
  const floor = await runFloor({ ...load, seconds: Math.min(seconds, 5) })
  const { load: _, ...report } = await runLoad(bench, load)
  reports.push({ name: load.name, ...report, floorP99Ms: floor.p99Ms })
  console.log(`${load.name}: p99 ${report.p99Ms} ms (a bare relay: ${floor.p99Ms} ms), p50 ${report.p50Ms} ms`)
  console.log(`  API: ${report.api.residentMiB} MiB resident, ${report.api.cpu} of a core`)
  for (const fault of report.faults) console.log(`  ${fault}`)
}
const isGood = reports.every(
  ({ faults, p99Ms, api }) => faults.length === 0 && p99Ms < largestP99Ms && api.residentMiB < largestResidentMiB,
)
process.exitCode = isGood ? 0 : 1
console.log(JSON.stringify({ seconds, isGood, loads: reports }))
