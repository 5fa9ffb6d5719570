// `npm run soak -- [--minutes 10] [--seed N] [--json]`: people deploy to simulated hosts, with every feature and under faults, and every
// process and Redis must stay as big as it is. Exits with 1 where something grows, or went otherwise than it should.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { printResult, printTable, say } from '../bench/system/say.ts'
import { rounded } from '../bench/system/statistics.ts'
import { runSoak } from './run-soak.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, json: { type: 'boolean' } },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new RangeError(`--minutes must be a number above 0, not ${values.minutes}`)
const seed = Number(values.seed ?? randomInt(2 ** 31))
say(`seed ${seed}: ${minutes} minutes`)

const report = await runSoak({ minutes, seed })
process.exitCode = report.isGood ? 0 : 1
if (values.json) printResult(report)
else {
  say(`${report.deployments} deployments, ${report.events} events to viewers; faults: ${JSON.stringify(report.faults)}`)
  printTable(
    Object.entries(report.trends).map(([measure, { from, to, perMinute, isFlat }]) => ({
      measure,
      from: rounded(from),
      to: rounded(to),
      'per minute': rounded(perMinute),
      verdict: isFlat ? 'flat' : 'grows',
    })),
  )
  for (const finding of report.findings) say(finding)
}
